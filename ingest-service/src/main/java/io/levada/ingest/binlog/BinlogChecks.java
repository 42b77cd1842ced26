package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.ColumnRule;
import io.levada.definition.SourceTable;
import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a MariaDB or MySQL server must fulfil before it is captured, and what its tables look like.
final class BinlogChecks {
    private record Wanted(String name, String value, String mend) {}

    private static final List<Wanted> SETTINGS = List.of(
            new Wanted("log_bin", "ON", "Set log_bin in the server's option file and restart it"),
            new Wanted("binlog_format", "ROW", "Run SET GLOBAL binlog_format = 'ROW'; and end the sessions of writers"),
            new Wanted(
                    "binlog_row_image",
                    "FULL",
                    "Run SET GLOBAL binlog_row_image = 'FULL'; and end the sessions of writers"),
            new Wanted("binlog_row_metadata", "FULL", "Run SET GLOBAL binlog_row_metadata = 'FULL';"));
    private static final List<Wanted> UNCOMPRESSED = List.of(
            new Wanted("log_bin_compress", "OFF", "Run SET GLOBAL log_bin_compress = OFF;"),
            new Wanted(
                    "binlog_transaction_compression",
                    "OFF",
                    "Run SET GLOBAL binlog_transaction_compression = OFF; and end the sessions of writers"));

    private final BinlogSource source;

    BinlogChecks(BinlogSource source) {
        this.source = source;
    }

    /// @throws SourceProblem with the statement that mends it
    void server(Connection connection) throws SQLException {
        for (Wanted wanted : SETTINGS) {
            String value = BinlogServer.setting(connection, wanted.name()).orElse("unknown to this server");
            require(wanted, value);
        }
        for (Wanted wanted : UNCOMPRESSED) {
            Optional<String> value = BinlogServer.setting(connection, wanted.name());
            if (value.isPresent()) {
                require(wanted, value.get());
            }
        }
        grants(connection);
    }

    private void require(Wanted wanted, String value) {
        if (!value.equalsIgnoreCase(wanted.value())) {
            throw new SourceProblem(
                    IngestError.CAPTURE_BINLOG_SETTING,
                    "Source " + source.name() + ": " + wanted.name() + " is '" + value + "', it must be '"
                            + wanted.value() + "'",
                    wanted.mend());
        }
    }

    private void grants(Connection connection) throws SQLException {
        try {
            BinlogServer.files(connection);
            if (text(connection)
                    .noneMatch(grant -> grant.contains("REPLICATION SLAVE")
                            || grant.contains("ALL PRIVILEGES")
                            || grant.contains("REPLICATION REPLICA"))) {
                throw noReplication("REPLICATION SLAVE is not granted");
            }
        } catch (SQLException e) {
            if ("42000".equals(e.getSQLState())) {
                throw noReplication(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private static java.util.stream.Stream<String> text(Connection connection) throws SQLException {
        List<String> grants = new ArrayList<>();
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.add(rows.getString(1).toUpperCase(Locale.ROOT));
            }
        }
        return grants.stream();
    }

    private SourceProblem noReplication(String reason) {
        return new SourceProblem(
                IngestError.CAPTURE_NO_REPLICATION,
                "Source " + source.name() + ": user '" + source.user() + "' may not read the binary log: " + reason,
                "Run GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '" + source.user()
                        + "'@'...';");
    }

    /// A table as the server describes it.
    ///
    /// @param leftOut columns that are computed when they are read, or that a rule drops
    /// @param labels of enums and sets, by column
    /// @param unruled the columns that a rule changes, as they would be without it
    /// @param keyOrder the primary key's columns in its own order, up to the first of which it has only a beginning
    record Described(
            TableShape shape,
            Set<String> leftOut,
            Map<String, List<String>> labels,
            Map<String, TableShape.Column> unruled,
            List<String> keyOrder) {}

    /// The table's columns and key.
    ///
    /// @throws SourceProblem where the table can not be carried faithfully
    Described describe(Connection connection, SourceTable table) throws SQLException {
        Map<String, TableShape.Column> columns = new LinkedHashMap<>();
        List<String> unsupported = new ArrayList<>();
        Set<String> leftOut = new HashSet<>();
        Map<String, List<String>> labels = new HashMap<>();
        Map<String, TableShape.Column> unruled = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT column_name, data_type, column_type, numeric_precision, numeric_scale, extra
                FROM information_schema.columns WHERE table_schema = ? AND table_name = ?
                ORDER BY ordinal_position""")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = rows.getString(1);
                    if (RawColumns.ALL.contains(name.toLowerCase(Locale.ROOT))) {
                        throw reserved(table, name);
                    }
                    ColumnRule rule = table.rules().byColumn().get(name);
                    if (rule == ColumnRule.DROP
                            || rows.getString(6).toUpperCase(Locale.ROOT).contains("VIRTUAL")) {
                        leftOut.add(name);
                        continue;
                    }
                    labels.put(name, BinlogTypes.labels(rows.getString(3)));
                    String type = BinlogTypes.name(rows.getString(2), rows.getString(3));
                    BinlogTypes.lakeType(type, rows.getInt(4), rows.getInt(5))
                            .ifPresentOrElse(
                                    lake -> {
                                        TableShape.Column plain = new TableShape.Column(name, type, lake);
                                        columns.put(name, rule == null ? plain : plain.ruled(rule));
                                        unruled.put(name, plain);
                                    },
                                    () -> unsupported.add(name + " (" + type + ")"));
                }
            }
        }
        if (columns.isEmpty() && unsupported.isEmpty()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_UNKNOWN_TABLE,
                    "Source " + source.name() + " has no table " + table.qualifiedName() + " that user '"
                            + source.user() + "' may read",
                    "Create it, grant SELECT on it, or take it out of sources." + source.name()
                            + ".tables in levada.yaml");
        }
        if (!unsupported.isEmpty()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_TYPE_UNSUPPORTED,
                    "Table " + table.qualifiedName() + " of source " + source.name()
                            + " has columns of types that are not supported yet: " + String.join(", ", unsupported),
                    "Take the table out of levada.yaml, or change the columns' types");
        }
        List<String> key = key(connection, table);
        checkRules(table, key, columns.keySet(), leftOut);
        List<TableShape.Column> inOrder = List.copyOf(columns.values());
        TableShape shape = new TableShape(
                inOrder,
                inOrder.stream()
                        .map(TableShape.Column::name)
                        .filter(key::contains)
                        .toList(),
                true);
        return new Described(shape, leftOut, labels, unruled, keyOrder(connection, table));
    }

    private void checkRules(SourceTable table, List<String> key, Set<String> columns, Set<String> leftOut) {
        for (Map.Entry<String, ColumnRule> rule : table.rules().byColumn().entrySet()) {
            String name = rule.getKey();
            boolean known = columns.contains(name) || leftOut.contains(name);
            if (!known || key.contains(name) && rule.getValue() != ColumnRule.HASH) {
                throw new SourceProblem(
                        known ? IngestError.CAPTURE_RULED_KEY : IngestError.CAPTURE_RULED_COLUMN_MISSING,
                        "Table " + table.qualifiedName() + " of source " + source.name() + ": the rule of column "
                                + name
                                + (known
                                        ? " would take the key's values away"
                                        : " names none of its columns; if it was renamed, its values must not be"
                                                + " written as they are"),
                        "Correct sources." + source.name() + ".columns in levada.yaml and start again");
            }
        }
    }

    private SourceProblem reserved(SourceTable table, String column) {
        return new SourceProblem(
                IngestError.CAPTURE_RESERVED_COLUMN,
                "Column " + column + " of table " + table.qualifiedName() + " has a name that Levada adds itself",
                "Rename the column: ALTER TABLE " + BinlogServer.quotedName(table) + " RENAME COLUMN "
                        + BinlogServer.quoted(column) + " TO ...;");
    }

    private static List<String> keyOrder(Connection connection, SourceTable table) throws SQLException {
        List<String> order = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT column_name, sub_part FROM information_schema.statistics"
                        + " WHERE table_schema = ? AND table_name = ? AND index_name = 'PRIMARY'"
                        + " ORDER BY seq_in_index")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next() && rows.getString(2) == null) {
                    order.add(rows.getString(1));
                }
            }
        }
        return order;
    }

    private static List<String> key(Connection connection, SourceTable table) throws SQLException {
        List<String> key = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT column_name FROM information_schema.key_column_usage"
                        + " WHERE table_schema = ? AND table_name = ? AND constraint_name = 'PRIMARY'"
                        + " ORDER BY ordinal_position")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    key.add(rows.getString(1));
                }
            }
        }
        return key;
    }
}
