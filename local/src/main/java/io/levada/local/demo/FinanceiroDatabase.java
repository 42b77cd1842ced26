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
import org.jspecify.annotations.Nullable;

/// A durable PostgreSQL with the database `financeiro`: customers and their ledger.
final class FinanceiroDatabase implements DemoDatabase {
    private static final String DATABASE = "financeiro";
    private static final String ROLE = "levada";
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final EmbeddedPostgres server;
    private final String url;
    private @Nullable DemoWriter writer;

    private FinanceiroDatabase(EmbeddedPostgres server) {
        this.server = server;
        this.url = url(server.getPort());
    }

    private static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
    }

    /// The variables of `examples/lab/levada.yaml` that lead to it.
    static Map<String, String> environment(int port) {
        return Map.of("FINANCEIRO_URL", url(port), "FINANCEIRO_USER", ROLE, "FINANCEIRO_PASSWORD", ROLE);
    }

    /// Starts it, and fills it where it is new.
    ///
    /// @param folder of the server's files
    /// @param log what the server itself writes
    static FinanceiroDatabase start(Path folder, Path log, int port) throws IOException, SQLException {
        Files.createDirectories(folder);
        Path data = folder.resolve("data");
        LeftOverServer.stop(data.resolve("postmaster.pid"), "postgres");
        File output = log.toFile();
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setPort(port)
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
        FinanceiroDatabase database = new FinanceiroDatabase(server);
        try {
            database.prepare();
            return database;
        } catch (SQLException e) {
            database.close();
            throw e;
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
            new FinanceiroContent(connection).fillWhereEmpty();
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

    @Override
    public void keepWriting() {
        if (writer == null) {
            writer = DemoWriter.start(DATABASE, PAUSE, () -> new FinanceiroChanges(connect()));
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
