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
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.postgresql.replication.LogSequenceNumber;

/// What capture asks of one PostgreSQL server. Every call opens its own connection, unless it is given one.
public final class PostgresServer {
    private static final int CONNECT_TIMEOUT_SECONDS = 10;
    private static final List<String> TEXT_FORMS = List.of(
            "TimeZone = 'UTC'",
            "DateStyle = 'ISO, YMD'",
            "IntervalStyle = 'iso_8601'",
            "extra_float_digits = 1",
            "bytea_output = 'hex'",
            "lc_monetary = 'C'",
            "search_path = 'pg_catalog'");
    private static final Duration READER_LEAVES = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int OLDEST_VERSION = 14;

    private final PostgresSource source;
    private final String slot;
    private final String publication;

    PostgresServer(String project, PostgresSource source) {
        this.source = source;
        this.slot = "levada_" + project + "_" + source.name();
        this.publication = this.slot;
    }

    String slot() {
        return slot;
    }

    String publication() {
        return publication;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(source.url(), properties());
    }

    /// A connection that speaks the replication protocol.
    Connection connectForReplication() throws SQLException {
        Properties properties = properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "10");
        return DriverManager.getConnection(source.url(), properties);
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", source.user());
        properties.setProperty("password", source.password().value());
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", slot);
        return properties;
    }

    /// Checks what capture needs before it changes anything on the server.
    ///
    /// @throws SourceProblem with the statement that mends it
    void check(Connection connection) throws SQLException {
        requireVersion(source.name(), connection.getMetaData().getDatabaseMajorVersion());
        String walLevel = text(connection, "SHOW wal_level").orElse("");
        if (!walLevel.equals("logical")) {
            throw new SourceProblem(
                    IngestError.CAPTURE_WAL_LEVEL,
                    "Source " + source.name() + ": wal_level is '" + walLevel + "', it must be 'logical'",
                    "Run ALTER SYSTEM SET wal_level = 'logical'; and restart PostgreSQL");
        }
        if (text(
                        connection,
                        "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolreplication OR rolsuper)"
                                + " UNION SELECT 1 WHERE EXISTS (SELECT FROM pg_roles r WHERE r.rolname ="
                                + " 'rds_replication' AND pg_has_role(current_user, r.oid, 'member'))")
                .isEmpty()) {
            throw new SourceProblem(
                    IngestError.CAPTURE_NO_REPLICATION,
                    "Source " + source.name() + ": user '" + source.user() + "' may not replicate",
                    "Run ALTER ROLE " + quoted(source.user()) + " WITH REPLICATION;");
        }
    }

    /// Heartbeats and the end of the input are messages in the log, which `pgoutput` hands out from 14 on.
    static void requireVersion(String source, int major) {
        if (major < OLDEST_VERSION) {
            throw new SourceProblem(
                    IngestError.CAPTURE_SERVER_TOO_OLD,
                    "Source " + source + " is PostgreSQL " + major + "; its log can be captured from " + OLDEST_VERSION
                            + " on",
                    "Upgrade the server to PostgreSQL " + OLDEST_VERSION + " or newer");
        }
    }

    /// The tables' names by their ids, which stay the same when a table is renamed.
    Map<Integer, String> namesById(List<SourceTable> tables) throws SQLException {
        Map<Integer, String> names = new HashMap<>();
        try (Connection connection = connect()) {
            for (SourceTable table : tables) {
                relationId(connection, table).ifPresent(id -> names.put(id.intValue(), table.qualifiedName()));
            }
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
        String identity = text(connection, "SELECT relreplident FROM pg_class WHERE oid = " + relation)
                .orElse("d");
        boolean full = identity.equals("f");
        List<String> key = identity.equals("n") ? List.of() : key(connection, relation, identity.equals("i"));
        if (key.isEmpty() && !full) {
            throw new SourceProblem(
                    IngestError.CAPTURE_NO_IDENTITY,
                    "Table " + table.qualifiedName() + " of source " + source.name()
                            + " has no primary key and no other replica identity: PostgreSQL would refuse its updates and"
                            + " deletes once it is published",
                    "Run ALTER TABLE " + quotedName(table) + " ADD PRIMARY KEY (...); or ALTER TABLE "
                            + quotedName(table) + " REPLICA IDENTITY FULL;");
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
                    .append(literal(column.name()))
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
                            "Rename the column: ALTER TABLE " + quotedName(table) + " RENAME COLUMN " + quoted(name)
                                    + " TO ...;");
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
                        + other + ": drop}}; or rename it: ALTER TABLE " + quotedName(table) + " RENAME COLUMN "
                        + quoted(other) + " TO ...;");
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

    /// Makes the publication hold exactly these tables.
    void publish(Connection connection, List<SourceTable> tables) throws SQLException {
        String list = tables.stream().map(PostgresServer::quotedName).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            if (text(connection, "SELECT 1 FROM pg_publication WHERE pubname = " + literal(publication))
                    .isEmpty()) {
                statement.execute("CREATE PUBLICATION " + quoted(publication) + " FOR TABLE " + list
                        + " WITH (publish_via_partition_root = true)");
            } else if (!published(connection)
                    .equals(tables.stream().map(SourceTable::qualifiedName).collect(Collectors.toSet()))) {
                statement.execute("ALTER PUBLICATION " + quoted(publication) + " SET TABLE " + list);
            }
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw new SourceProblem(
                        IngestError.CAPTURE_NO_PUBLICATION_RIGHT,
                        "User '" + source.user() + "' may not publish the tables of source " + source.name() + ": "
                                + e.getMessage(),
                        "Run GRANT CREATE ON DATABASE ... TO " + quoted(source.user())
                                + "; and make it the tables' owner, or create the publication as their owner: CREATE"
                                + " PUBLICATION " + quoted(publication) + " FOR TABLE " + list
                                + " WITH (publish_via_partition_root = true);");
            }
            throw e;
        }
    }

    /// `schema.table` of every table in the publication. One that another user made with the right tables is left
    /// alone.
    private Set<String> published(Connection connection) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = "
                                + literal(publication))) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /// State of this source's slot.
    ///
    /// @param confirmed the position up to which the slot was acknowledged
    /// @param lost whether the server removed log that the slot needs
    record Slot(long confirmed, boolean active, boolean lost) {}

    Optional<Slot> slotState(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT confirmed_flush_lsn, active, wal_status FROM pg_replication_slots WHERE slot_name = "
                                + literal(slot))) {
            if (!rows.next()) {
                return Optional.empty();
            }
            return Optional.of(new Slot(lsn(rows.getString(1)), rows.getBoolean(2), "lost".equals(rows.getString(3))));
        }
    }

    /// State of this source's slot, after a reader that is just going has gone.
    Optional<Slot> restingSlot(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + READER_LEAVES.toNanos();
        Optional<Slot> state = slotState(connection);
        while (state.filter(Slot::active).isPresent() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK.toNanos());
            state = slotState(connection);
        }
        return state;
    }

    void dropSlot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_drop_replication_slot(" + literal(slot) + ")");
        }
    }

    /// Removes slot and publication, where they are there.
    ///
    /// @return what was done, for people
    /// @throws SourceProblem where somebody reads from the slot
    String remove() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            Optional<Slot> state = restingSlot(connection);
            if (state.filter(Slot::active).isPresent()) {
                throw new SourceProblem(
                        IngestError.CAPTURE_SLOT_IN_USE,
                        "Replication slot " + slot + " of source " + source.name() + " is in use: a pipeline runs",
                        "Stop it, or name no PROJECT so that the running pipeline drops it");
            }
            if (state.isPresent()) {
                dropSlot(connection);
            }
            boolean published = text(connection, "SELECT 1 FROM pg_publication WHERE pubname = " + literal(publication))
                    .isPresent();
            statement.execute("DROP PUBLICATION IF EXISTS " + quoted(publication));
            return state.isEmpty() && !published
                    ? "Source " + source.name() + " has neither slot nor publication " + slot
                    : "Slot and publication " + slot + " of source " + source.name() + " are removed";
        }
    }

    /// A new slot at position `consistentPoint`, and the snapshot of the database at that very point; the snapshot
    /// lives as long as the connection that made it is left alone.
    record NewSlot(long consistentPoint, String snapshot) {}

    NewSlot createSlot(Connection replication) throws SQLException {
        return createSlot(replication, quoted(slot), slotOptions(replication));
    }

    /// A slot for its snapshot only; it is gone with the connection. Waits for the transactions that are open now.
    NewSlot createPassingSlot(Connection replication) throws SQLException {
        String name = "levada_load_" + UUID.randomUUID().toString().replace('-', '_');
        return createSlot(replication, quoted(name) + " TEMPORARY", "EXPORT_SNAPSHOT");
    }

    private NewSlot createSlot(Connection replication, String which, String options) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet rows =
                        statement.executeQuery("CREATE_REPLICATION_SLOT " + which + " LOGICAL pgoutput " + options)) {
            if (!rows.next()) {
                throw new SQLException("CREATE_REPLICATION_SLOT answered nothing");
            }
            return new NewSlot(lsn(rows.getString("consistent_point")), rows.getString("snapshot_name"));
        } catch (SQLException e) {
            if ("53400".equals(e.getSQLState())) {
                throw new SourceProblem(
                        IngestError.CAPTURE_NO_SLOT_LEFT,
                        "Source " + source.name() + ": all replication slots are in use",
                        "Run ALTER SYSTEM SET max_replication_slots = ...; and restart PostgreSQL, or drop a slot that"
                                + " nobody uses");
            }
            throw e;
        }
    }

    /// From PostgreSQL 17 on a primary's slot can follow to its standbys, where these ask for it.
    private static String slotOptions(Connection replication) throws SQLException {
        if (replication.getMetaData().getDatabaseMajorVersion() < 17) {
            return "EXPORT_SNAPSHOT";
        }
        boolean standby =
                text(replication, "SELECT pg_is_in_recovery()").orElse("").equals("t");
        return standby ? "(SNAPSHOT 'export')" : "(SNAPSHOT 'export', FAILOVER true)";
    }

    /// The end of the server's log.
    long currentLsn(Connection connection) throws SQLException {
        return lsn(text(connection, "SELECT pg_current_wal_lsn()").orElseThrow());
    }

    /// Writes a message into the log, in a transaction of its own.
    void emitMessage(Connection connection, String prefix, String content) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, prefix);
            statement.setString(2, content);
            statement.execute();
        }
    }

    /// Makes the session write values in the text forms that [io.levada.ingest.snapshot.PostgresText] reads, whatever
    /// the server, the database and the role are set to.
    static void fixTextForms(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : TEXT_FORMS) {
                statement.execute("SET " + setting);
            }
        }
    }

    static Optional<String> text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        }
    }

    static long lsn(String text) {
        return LogSequenceNumber.valueOf(text).asLong();
    }

    static String lsnText(long lsn) {
        return Long.toHexString(lsn >>> Integer.SIZE).toUpperCase(Locale.ROOT)
                + "/"
                + Integer.toHexString((int) lsn).toUpperCase(Locale.ROOT);
    }

    static String quotedName(SourceTable table) {
        return quoted(table.schema()) + "." + quoted(table.table());
    }

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
