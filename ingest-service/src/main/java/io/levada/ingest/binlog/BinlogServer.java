package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.BinlogSource.Product;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.BinlogPosition;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.CRC32;

/// What capture asks of one MariaDB or MySQL server. Sessions are in UTC and read text as UTF-8.
class BinlogServer {
    /// Replicas have small numbers by custom; ours start here.
    private static final long FIRST_SERVER_ID = 1_000_000_000L;

    private static final int DEFAULT_PORT = 3306;
    private static final String SESSION = "SET SESSION time_zone = '+00:00', sql_mode = '', max_statement_time = 0,"
            + " net_write_timeout = 3600, wait_timeout = 604800";
    private static final String MYSQL_SESSION =
            "SET SESSION time_zone = '+00:00', sql_mode = '', max_execution_time = 0,"
                    + " net_write_timeout = 3600, wait_timeout = 604800";

    private final String project;
    private final BinlogSource source;
    private final URI address;

    BinlogServer(String project, BinlogSource source) {
        this.project = project;
        this.source = source;
        this.address = URI.create(source.url().substring("jdbc:".length()));
    }

    BinlogSource source() {
        return source;
    }

    boolean isMariaDb() {
        return source.product() == Product.MARIADB;
    }

    String host() {
        return address.getHost();
    }

    int port() {
        return address.getPort() < 0 ? DEFAULT_PORT : address.getPort();
    }

    /// The number by which the server knows this source among its replicas: the same at each start, so that the server
    /// ends the connection of a predecessor.
    long replicaId() {
        CRC32 hash = new CRC32();
        hash.update((project + "/" + source.name()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return FIRST_SERVER_ID + hash.getValue() % 1_000_000_000L;
    }

    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", source.user());
        properties.setProperty("password", source.password().value());
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tcpKeepAlive", "true");
        // One driver for both: MariaDB's, which asks for this word before it talks to a jdbc:mysql address.
        String url = source.url().replaceFirst("^jdbc:mysql:", "jdbc:mariadb:");
        Connection connection = DriverManager.getConnection(url, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute(isMariaDb() ? SESSION : MYSQL_SESSION);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// The value of a setting of the server; empty where it does not know it.
    static Optional<String> setting(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GLOBAL VARIABLES LIKE '" + name + "'")) {
            return rows.next() ? Optional.ofNullable(rows.getString(2)) : Optional.empty();
        }
    }

    /// The end of the server's binary log.
    BinlogPosition end(Connection connection) throws SQLException {
        BinlogPosition place = place(connection);
        return position(connection, place.file(), place.offset());
    }

    private String statusStatement(Connection connection) throws SQLException {
        return isMariaDb()
                        || connection.getMetaData().getDatabaseMajorVersion() < 8
                        || connection.getMetaData().getDatabaseMajorVersion() == 8
                                && connection.getMetaData().getDatabaseMinorVersion() < 2
                ? "SHOW MASTER STATUS"
                : "SHOW BINARY LOG STATUS";
    }

    private BinlogPosition position(Connection connection, String file, long offset) throws SQLException {
        return new BinlogPosition(
                file, offset, history(connection, file, offset).orElse(""));
    }

    /// What tells the log from another one with files of the same names; empty where the server does not hold the
    /// place.
    Optional<String> history(Connection connection, String file, long offset) throws SQLException {
        return isMariaDb()
                ? text(connection, "SELECT BINLOG_GTID_POS('" + file + "', " + offset + ")")
                : text(connection, "SELECT @@server_uuid");
    }

    /// Why what follows a position can not be read; empty where it can.
    Optional<String> lost(Connection connection, BinlogPosition stored) throws SQLException {
        Long size = files(connection).get(stored.file());
        if (size == null) {
            return Optional.of("file " + stored.file() + " was purged");
        }
        if (size < stored.offset()) {
            return Optional.of("file " + stored.file() + " ends at " + size + ", before the stored position");
        }
        return BinlogHistory.same(
                        history(connection, stored.file(), stored.offset()).orElse(""), stored.history())
                ? Optional.empty()
                : Optional.of("it is the log of another server, or was made anew");
    }

    /// Sizes of the log's files, by name.
    static Map<String, Long> files(Connection connection) throws SQLException {
        Map<String, Long> files = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
            while (rows.next()) {
                files.put(rows.getString(1), rows.getLong(2));
            }
        }
        return files;
    }

    /// Log between a position and the end of the server's.
    static long bytesAfter(Map<String, Long> files, BinlogPosition position) {
        return files.entrySet().stream()
                        .filter(file -> !position.isAfter(
                                new BinlogPosition(file.getKey(), Long.MAX_VALUE, position.history())))
                        .mapToLong(Map.Entry::getValue)
                        .sum()
                - position.offset();
    }

    /// Whether the server says which place of the log a snapshot stands at.
    boolean tellsSnapshots() {
        return isMariaDb();
    }

    /// A connection whose transactions see what was there when they began.
    Connection connectForSnapshots() throws SQLException {
        Connection connection = connect();
        try {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// The end of the server's binary log, without its history, for which the server reads the log's last file.
    BinlogPosition place(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(statusStatement(connection))) {
            if (!rows.next()) {
                throw new SQLException("The server has no binary log");
            }
            return new BinlogPosition(rows.getString(1), rows.getLong(2), "");
        }
    }

    /// The place of the log that the open snapshot of a connection stands at.
    BinlogPosition snapshotPlace(Connection connection) throws SQLException {
        return new BinlogPosition(
                status(connection, "binlog_snapshot_file"),
                Long.parseLong(status(connection, "binlog_snapshot_position")),
                "");
    }

    private static String status(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW STATUS LIKE '" + name + "'")) {
            if (!rows.next()) {
                throw new SQLException("The server does not say its " + name);
            }
            return rows.getString(2);
        }
    }

    /// Names of the character sets by the numbers of their collations, as the log gives them.
    static Map<Integer, String> collations(Connection connection) throws SQLException {
        Map<Integer, String> names = new HashMap<>();
        String query = "SELECT id, character_set_name FROM information_schema.collations"
                + " WHERE id IS NOT NULL AND character_set_name IS NOT NULL";
        String maria = " UNION SELECT id, character_set_name FROM"
                + " information_schema.collation_character_set_applicability WHERE id IS NOT NULL";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(isMaria(connection) ? query + maria : query)) {
            while (rows.next()) {
                names.put(rows.getInt(1), rows.getString(2).toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    private static boolean isMaria(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }

    static Optional<String> text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        }
    }

    static String quotedName(SourceTable table) {
        return quoted(table.schema()) + "." + quoted(table.table());
    }

    static String quoted(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }
}
