package io.levada.ingest.postgres;

import io.levada.definition.ColumnRule;
import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.RawColumns;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.postgres.pgoutput.LogMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// How a server describes the tables of one source.
final class PostgresTables {
    private final PostgresSource source;

    PostgresTables(PostgresSource source) {
        this.source = source;
    }

    /// The tables' names by their ids, which stay the same when a table is renamed.
    Map<Integer, String> namesById(Connection connection, List<SourceTable> tables) throws SQLException {
        Map<Integer, String> names = new HashMap<>();
        for (SourceTable table : tables) {
            relationId(connection, table).ifPresent(id -> names.put(id.intValue(), table.qualifiedName()));
        }
        return names;
    }

    private Optional<Long> relationId(Connection connection, SourceTable table) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')")) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }

    /// The table's columns, key and replica identity.
    ///
    /// @throws SourceProblem where the table can not be carried faithfully
    TableShape shape(Connection connection, SourceTable table) throws SQLException {
        long relation = relationId(connection, table)
                .orElseThrow(() -> new SourceProblem(
                        IngestError.CAPTURE_UNKNOWN_TABLE,
                        "Source " + source.name() + " has no table " + table.qualifiedName(),
                        "Create it with CREATE TABLE " + table.qualifiedName() + " (...); or take it out of sources."
                                + source.name() + ".tables in levada.yaml"));
        String identity = PostgresServer.text(connection, "SELECT relreplident FROM pg_class WHERE oid = " + relation)
                .orElse("d");
        boolean full = identity.equals("f");
        List<String> key = identity.equals("n") ? List.of() : key(connection, relation, identity.equals("i"));
        if (key.isEmpty() && !full) {
            throw new SourceProblem(
                    IngestError.CAPTURE_NO_IDENTITY,
                    "Table " + table.qualifiedName() + " of source " + source.name()
                            + " has no primary key and no other replica identity: PostgreSQL would refuse its updates and"
                            + " deletes once it is published",
                    "Run ALTER TABLE " + PostgresServer.quotedName(table) + " ADD PRIMARY KEY (...); or ALTER TABLE "
                            + PostgresServer.quotedName(table) + " REPLICA IDENTITY FULL;");
        }
        checkKey(table, key);
        return new TableShape(columns(connection, table, relation), key, full);
    }

    /// @param byIdentity whether an index other than the primary key's was made the replica identity
    private static List<String> key(Connection connection, long relation, boolean byIdentity) throws SQLException {
        List<String> key = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
                                + " AND a.attnum = ANY (i.indkey) WHERE "
                                + (byIdentity ? "i.indisreplident" : "i.indisprimary") + " AND i.indrelid = " + relation
                                + " ORDER BY a.attnum")) {
            while (rows.next()) {
                key.add(rows.getString(1));
            }
        }
        return key;
    }

    /// The table as the stream describes it, which may be as it was some time ago.
    TableShape shape(Connection connection, SourceTable table, LogMessage.Relation relation) throws SQLException {
        List<String> key = new ArrayList<>();
        if (relation.fullIdentity()) {
            key.addAll(key(connection, Integer.toUnsignedLong(relation.id()), false));
            key.removeIf(name -> relation.indexOf(name) < 0);
        } else {
            relation.columns().stream()
                    .filter(LogMessage.Column::identity)
                    .map(LogMessage.Column::name)
                    .forEach(key::add);
        }
        checkKey(table, key);
        StringBuilder described = new StringBuilder("(VALUES ");
        for (int i = 0; i < relation.columns().size(); i++) {
            LogMessage.Column column = relation.columns().get(i);
            described
                    .append(i == 0 ? "(" : ", (")
                    .append(i + 1)
                    .append(", ")
                    .append(PostgresServer.literal(column.name()))
                    .append(", ")
                    .append(Integer.toUnsignedString(column.type()))
                    .append("::oid, ")
                    .append(column.modifier())
                    .append(')');
        }
        described.append(") a (attnum, attname, atttypid, atttypmod)");
        return new TableShape(columns(connection, table, described.toString(), "true"), key, relation.fullIdentity());
    }

    private List<TableShape.Column> columns(Connection connection, SourceTable table, long relation)
            throws SQLException {
        return columns(
                connection,
                table,
                "pg_attribute a",
                "a.attrelid = " + relation + " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''");
    }

    /// The log may hold rows of a type that was dropped since, an enum for the most part: they are text.
    ///
    /// @param attributes a relation `a` with columns as those of `pg_attribute`
    private List<TableShape.Column> columns(
            Connection connection, SourceTable table, String attributes, String condition) throws SQLException {
        List<TableShape.Column> columns = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        Set<String> ruled = new TreeSet<>(table.rules().byColumn().keySet());
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        WITH RECURSIVE c AS (
                          SELECT a.attnum, a.attname, coalesce(t.typname, 'text') AS typname,
                                 coalesce(t.typtype, 'b') AS typtype, coalesce(t.typbasetype, 0) AS typbasetype,
                                 coalesce(t.typelem, 0) AS typelem, coalesce(t.typcategory, 'S') AS typcategory,
                                 CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE t.typtypmod END AS modifier
                          FROM %s LEFT JOIN pg_type t ON t.oid = a.atttypid
                          WHERE %s
                          UNION ALL
                          SELECT c.attnum, c.attname, b.typname, b.typtype, b.typbasetype, b.typelem, b.typcategory,
                                 CASE WHEN c.modifier <> -1 THEN c.modifier ELSE b.typtypmod END
                          FROM c JOIN pg_type b ON b.oid = c.typbasetype WHERE c.typtype = 'd')
                        SELECT c.attname, c.typname, c.typtype, c.modifier, c.typcategory, e.typname, e.typtype
                        FROM c LEFT JOIN pg_type e ON e.oid = c.typelem AND c.typcategory = 'A'
                        WHERE c.typtype <> 'd' ORDER BY c.attnum""".formatted(attributes, condition))) {
            while (rows.next()) {
                String name = rows.getString(1);
                if (RawColumns.ALL.contains(folded(name))) {
                    throw new SourceProblem(
                            IngestError.CAPTURE_RESERVED_COLUMN,
                            "Column " + name + " of table " + table.qualifiedName()
                                    + " has a name that Levada adds itself",
                            "Rename the column: ALTER TABLE " + PostgresServer.quotedName(table) + " RENAME COLUMN "
                                    + PostgresServer.quoted(name) + " TO ...;");
                }
                ruled.remove(name);
                ColumnRule rule = table.rules().byColumn().get(name);
                String twin = rule == ColumnRule.DROP ? null : names.putIfAbsent(folded(name), name);
                if (twin != null) {
                    throw sameButForCase(table, twin, name);
                }
                if (rule == null) {
                    columns.add(column(rows, name));
                } else if (rule != ColumnRule.DROP) {
                    columns.add(column(rows, name).ruled(rule));
                }
            }
        }
        if (!ruled.isEmpty()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_RULED_COLUMN_MISSING,
                    "Table " + table.qualifiedName() + " of source " + source.name() + " has no column "
                            + String.join(", ", ruled)
                            + ", for which levada.yaml has a rule; if it was renamed, its values must not be written as"
                            + " they are",
                    "Correct sources." + source.name() + ".columns in levada.yaml and start again");
        }
        return columns;
    }

    /// The lake's engines do not tell names apart by upper and lower case.
    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private SourceProblem sameButForCase(SourceTable table, String one, String other) {
        return new SourceProblem(
                IngestError.CAPTURE_COLUMN_CASE,
                "Columns " + one + " and " + other + " of table " + table.qualifiedName() + " of source "
                        + source.name() + " differ in upper and lower case only, and the lake can not tell them apart",
                "Leave one out with sources." + source.name() + ".columns in levada.yaml: {" + table.table() + ": {"
                        + other + ": drop}}; or rename it: ALTER TABLE " + PostgresServer.quotedName(table)
                        + " RENAME COLUMN "
                        + PostgresServer.quoted(other) + " TO ...;");
    }

    private static TableShape.Column column(ResultSet row, String name) throws SQLException {
        String type = row.getString(2);
        String element = row.getString(6);
        if (element == null) {
            return new TableShape.Column(name, type, PostgresTypes.lakeType(type, row.getInt(4)));
        }
        return new TableShape.Column(
                name, element + "[]", PostgresTypes.arrayType(element, row.getString(7), row.getInt(4)));
    }

    /// A key that is masked or left out would not tell rows apart.
    private void checkKey(SourceTable table, List<String> key) {
        for (String name : key) {
            ColumnRule rule = table.rules().byColumn().get(name);
            if (rule == ColumnRule.MASK || rule == ColumnRule.DROP) {
                throw new SourceProblem(
                        IngestError.CAPTURE_RULED_KEY,
                        "Column " + name + " is part of the key of table " + table.qualifiedName() + " of source "
                                + source.name() + " and can not be masked or dropped",
                        "Use 'hash' for it in sources." + source.name() + ".columns in levada.yaml");
            }
        }
    }
}
