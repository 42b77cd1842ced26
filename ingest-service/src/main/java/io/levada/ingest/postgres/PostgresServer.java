package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.SourceProblem;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
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
    private static final int OLDEST_VERSION = 14;

    private final PostgresSource source;
    private final String slot;
    private final PostgresTables tables;
    private final PostgresSlots slots;

    PostgresServer(String project, PostgresSource source) {
        this.source = source;
        this.slot = "levada_" + project + "_" + source.name();
        this.tables = new PostgresTables(source);
        this.slots = new PostgresSlots(source, slot);
    }

    String slot() {
        return slot;
    }

    String publication() {
        return slot;
    }

    PostgresTables tables() {
        return tables;
    }

    PostgresSlots slots() {
        return slots;
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

    /// Makes the session write values in the text forms that [io.levada.ingest.postgres.copy.PostgresText] reads,
    /// whatever the server, the database and the role are set to.
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
