package io.levada.local.demo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A durable PostgreSQL with the database `financeiro`: customers and their ledger.
public final class DemoDatabase implements AutoCloseable {
    private static final String DATABASE = "financeiro";
    private static final String ROLE = "levada";
    private static final Duration STOP = Duration.ofSeconds(20);

    private final EmbeddedPostgres server;
    private final String url;
    private @Nullable DemoWriter writer;

    private DemoDatabase(EmbeddedPostgres server) {
        this.server = server;
        this.url = "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + DATABASE;
    }

    /// Starts it, and fills it where it is new.
    ///
    /// @param folder of the server's files
    /// @param log what the server itself writes
    public static DemoDatabase start(Path folder, Path log) throws IOException, SQLException {
        Files.createDirectories(folder);
        Path data = folder.resolve("data");
        stopLeftOver(data);
        File output = log.toFile();
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(output))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(output))
                .setServerConfig("wal_level", "logical")
                .setServerConfig("shared_buffers", "32MB")
                .setServerConfig("max_connections", "40")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
        DemoDatabase database = new DemoDatabase(server);
        try {
            database.prepare();
            return database;
        } catch (SQLException e) {
            database.close();
            throw e;
        }
    }

    /// A JVM that was killed leaves its server behind, which holds the data directory.
    private static void stopLeftOver(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
        Optional<ProcessHandle> leftOver = ProcessHandle.of(pid)
                .filter(process -> process.info().command().orElse("").endsWith("postgres"));
        if (leftOver.isPresent()) {
            leftOver.get().destroy();
            try {
                leftOver.get().onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException _) {
                leftOver.get().destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while an earlier server stopped", e);
            } catch (ExecutionException e) {
                throw new IOException("An earlier server on " + data + " can not be stopped", e);
            }
        }
    }

    private void prepare() throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            if (isEmpty(statement, "SELECT FROM pg_roles WHERE rolname = '" + ROLE + "'")) {
                statement.execute("CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + ROLE + "'");
            }
            if (isEmpty(statement, "SELECT FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + ROLE);
            }
        }
        try (Connection connection = connect()) {
            new DemoContent(connection).fillWhereEmpty();
        }
    }

    private static boolean isEmpty(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return !rows.next();
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, ROLE, ROLE);
    }

    /// The variables that `examples/lab/levada.yaml` reads.
    public Map<String, String> environment() {
        return Map.of("FINANCEIRO_URL", url, "FINANCEIRO_USER", ROLE, "FINANCEIRO_PASSWORD", ROLE);
    }

    /// Changes customers and ledger about ten times a second until the database is closed.
    public void keepWriting() {
        if (writer == null) {
            writer = DemoWriter.start(this::connect);
        }
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
        server.close();
    }
}
