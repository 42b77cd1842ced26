package io.levada.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A real PostgreSQL, durable in its directory, with `wal_level=logical` and writes synced as in production. Its port
/// stays the same over [#stop()], [#kill()] and [#restart()].
///
/// The superuser is `postgres`, and every connection from 127.0.0.1 is trusted.
public final class EmbeddedPostgresServer implements AutoCloseable {
    private final Path directory;
    private final int port;
    private final Map<String, String> settings;
    private EmbeddedPostgres server;

    private EmbeddedPostgresServer(Path directory, int port, Map<String, String> settings) throws IOException {
        this.directory = directory;
        this.port = port;
        this.settings = Map.copyOf(settings);
        this.server = launch();
    }

    public static EmbeddedPostgresServer start(Path directory) {
        return start(directory, Map.of());
    }

    /// @param settings `postgresql.conf` entries that win over the usual ones, such as `wal_level=replica`
    public static EmbeddedPostgresServer start(Path directory, Map<String, String> settings) {
        try {
            return new EmbeddedPostgresServer(directory.toAbsolutePath(), FreePorts.one(), settings);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not start on " + directory, e);
        }
    }

    private EmbeddedPostgres launch() throws IOException {
        Files.createDirectories(directory);
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("postgres.log").toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("postgres.log").toFile()))
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_wal_senders", "10")
                .setServerConfig("max_replication_slots", "10")
                .setServerConfig("shared_buffers", "64MB")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on");
        settings.forEach(builder::setServerConfig);
        return builder.start();
    }

    public int port() {
        return port;
    }

    public String user() {
        return "postgres";
    }

    public String password() {
        return "postgres";
    }

    /// JDBC URL of a database of this server, without user.
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), user(), password());
    }

    public void createDatabase(String database) throws SQLException {
        execute("postgres", "CREATE DATABASE \"" + database + "\"");
    }

    /// Runs statements, each in its own transaction.
    public void execute(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /// Stops it cleanly; connections are broken.
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL on " + directory + " did not stop", e);
        }
    }

    /// Kills the server's processes as a power cut would: nothing is flushed.
    public void kill() {
        try {
            long pid =
                    Long.parseLong(Files.readAllLines(directory.resolve("data").resolve("postmaster.pid"))
                            .getFirst()
                            .strip());
            ProcessHandle postmaster = ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException("PostgreSQL on " + directory + " does not run"));
            List<ProcessHandle> all = Stream.concat(Stream.of(postmaster), postmaster.descendants())
                    .toList();
            all.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle handle : all) {
                handle.onExit().get(30, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while PostgreSQL was killed", e);
        } catch (Exception e) {
            throw new IllegalStateException("PostgreSQL on " + directory + " was not killed", e);
        }
        stop();
    }

    /// Starts it again after [#stop()] or [#kill()], on the same port and data.
    public void restart() {
        try {
            server = launch();
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL did not start again on " + directory, e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
