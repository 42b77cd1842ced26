package io.levada.testing;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// A real server with a binary log, durable in its directory. Its port stays the same over [#stop()], [#kill()] and
/// [#restart()]. The user may do everything.
public interface BinlogDatabase extends AutoCloseable {
    String user();

    String password();

    /// JDBC URL of a database of this server, without user.
    String url(String database);

    /// Runs what `mysqldump` wrote, with a client of the server.
    void source(InputStream dump) throws IOException;

    /// Stops it cleanly; connections are broken.
    void stop();

    /// Kills the server as a power cut would.
    void kill();

    /// Starts it again after [#stop()] or [#kill()], on the same port and data.
    void restart();

    @Override
    void close();

    default Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                url(database).replaceFirst("^jdbc:mysql:", "jdbc:mariadb:"), user(), password());
    }

    default void createDatabase(String database) throws SQLException {
        execute("mysql", "CREATE DATABASE `" + database + "`");
    }

    /// Runs statements, each in its own transaction.
    default void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
