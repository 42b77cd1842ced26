package io.levada.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// A PostgreSQL with one table of eight columns, durable as in production.
final class SourceDatabase implements AutoCloseable {
    private static final int TRANSACTION_ROWS = 1_000;

    private final EmbeddedPostgres server;

    SourceDatabase(Path folder) throws IOException, SQLException {
        server = EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                .setServerConfig("wal_level", "logical")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
        execute("""
                CREATE TABLE measured (id bigint PRIMARY KEY, customer int, amount numeric(12,2), ratio double precision,
                  active boolean, label text, day date, changed timestamptz)""");
    }

    int port() {
        return server.getPort();
    }

    /// The source's part of a levada.yaml.
    String yaml() {
        return """
                sources:
                  pg:
                    type: postgres
                    url: jdbc:postgresql://127.0.0.1:%d/postgres
                    user: postgres
                    password: postgres
                    tables: [measured]
                """.formatted(port());
    }

    Connection connect() throws SQLException {
        return server.getPostgresDatabase().getConnection();
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Inserts the rows `first` to `last`, 1,000 a transaction.
    void insert(long first, long last) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (long from = first; from <= last; from += TRANSACTION_ROWS) {
                long to = Math.min(last, from + TRANSACTION_ROWS - 1);
                statement.execute("INSERT INTO measured SELECT g, g % 1000, g / 100.0, g / 7.0, g % 2 = 0,"
                        + " 'label number ' || g, DATE '2024-01-01' + (g % 365)::int, now() FROM generate_series("
                        + from + ", " + to + ") g");
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
