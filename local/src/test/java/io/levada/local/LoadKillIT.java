package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedMariaServer;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stops the JVM in every phase of a step of a table's initial load, again and again, while rows come, go, change and
/// move; then every loaded row is there once, and the mirror equals the table.
///
/// Runs in `mvn verify -Pdelivery`; `-Ddelivery.rounds=N` stops it so many times in each phase.
@Tag("delivery")
class LoadKillIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final List<String> PHASES =
            List.of("LOAD_BEGUN", "FILE_CLOSED", "BEFORE_TRANSACTION", "AFTER_TRANSACTION");
    private static final int ROUNDS = Integer.getInteger("delivery.rounds", 3);
    private static final int ROWS = 6_000;
    private static final String TABLE =
            "CREATE TABLE item (id bigint PRIMARY KEY, n bigint NOT NULL, note varchar(400))";
    private static final String SUMS = "SELECT count(*), sum(id), sum(n), sum(id * n) FROM ";

    /// The source's database.
    private interface Shop {
        Connection connect() throws SQLException;

        void execute(String... statements) throws SQLException;
    }

    @Test
    void loadsEachRowOfMariaDbOnceWhereverItIsKilled(@TempDir Path directory) throws Exception {
        try (EmbeddedMariaServer maria = EmbeddedMariaServer.start(directory.resolve("maria"))) {
            maria.createDatabase("vendas");
            maria.execute(
                    "vendas",
                    TABLE,
                    "INSERT INTO item SELECT seq * 10, seq, repeat('x', 300) FROM seq_1_to_" + ROWS,
                    "ANALYZE TABLE item");
            Path project = project(directory, "mariadb", maria.url("vendas"), maria.user(), maria.password());
            killAndCompare(directory, project, new Shop() {
                @Override
                public Connection connect() throws SQLException {
                    return maria.connect("vendas");
                }

                @Override
                public void execute(String... statements) throws SQLException {
                    maria.execute("vendas", statements);
                }
            });
        }
    }

    @Test
    void loadsEachRowOfPostgresOnceWhereverItIsKilled(@TempDir Path directory) throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("vendas");
            postgres.execute(
                    "vendas",
                    TABLE,
                    "INSERT INTO item SELECT g * 10, g, repeat('x', 300) FROM generate_series(1, " + ROWS + ") g",
                    "ANALYZE item");
            Path project = project(directory, "postgres", postgres.url("vendas"), postgres.user(), postgres.password());
            killAndCompare(directory, project, new Shop() {
                @Override
                public Connection connect() throws SQLException {
                    return postgres.connect("vendas");
                }

                @Override
                public void execute(String... statements) throws SQLException {
                    postgres.execute("vendas", statements);
                }
            });
        }
    }

    private static void killAndCompare(Path directory, Path project, Shop shop) throws Exception {
        Path data = directory.resolve("data");
        for (int turn = 0; turn < ROUNDS * PHASES.size(); turn++) {
            String phase = PHASES.get(turn % PHASES.size());
            try (PipelineProcess halting =
                    PipelineProcess.halting(project, data, "snapshot." + phase, "raw.vendas_item")) {
                change(shop, turn);
                assertThat(halting.awaitExit(BOUND)).as(phase).isEqualTo(HaltingPipeline.HALTED);
            }
            change(shop, 100 + turn);
        }

        try (PipelineProcess last = PipelineProcess.run(project, data).awaitReady()) {
            String expected = summary(shop);
            Eventually.within(
                    BOUND, () -> last.query(SUMS + "stage.vendas_item").toString(), expected::equals);
            // A row that changed after it was read may be read again, from a later snapshot and at its place.
            assertThat(last.query("SELECT count(*) - count(DISTINCT id || '@' || _pos), min(_load), max(_load),"
                                    + " count(DISTINCT _pos) > " + ROUNDS + " FROM raw.vendas_item WHERE _op = 'r'")
                            .toString())
                    .isEqualTo("[[0,1,1,true]]");
            assertThat(last.query("SELECT count(*) FROM (SELECT id FROM raw.vendas_item WHERE _op = 'r' GROUP BY id"
                                    + " HAVING count(*) > 1) twice WHERE id NOT IN"
                                    + " (SELECT id FROM raw.vendas_item WHERE _op <> 'r')")
                            .toString())
                    .as("rows that were read twice though they did not change")
                    .isEqualTo("[[0]]");
            assertThat(last.query("SELECT count(*) - count(DISTINCT _pos) FROM raw.vendas_item WHERE _op <> 'r'")
                            .toString())
                    .isEqualTo("[[0]]");
        }
    }

    /// In the first and in the last part of the table, and from one to the other.
    private static void change(Shop shop, int turn) throws SQLException {
        int low = turn * 20;
        int high = (ROWS - 2 * turn) * 10;
        shop.execute(
                "DELETE FROM item WHERE id IN (" + low + ", " + high + ")",
                "UPDATE item SET n = n + 1000000 WHERE id IN (" + (low + 10) + ", " + (high - 10) + ")",
                "UPDATE item SET id = " + (high + 1) + " WHERE id = " + (low + 20),
                "UPDATE item SET id = " + (low + 1) + " WHERE id = " + (high - 20),
                "INSERT INTO item VALUES (" + (low + 5) + ", -1, 'new'), (" + (high + 5) + ", -1, 'new')");
    }

    private static String summary(Shop shop) throws SQLException {
        try (Connection connection = shop.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SUMS + "item")) {
            row.next();
            return "[[" + row.getString(1) + "," + row.getString(2) + "," + row.getString(3) + "," + row.getString(4)
                    + "]]";
        }
    }

    private static Path project(Path directory, String type, String url, String user, String password)
            throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: killed
                flush: 300ms
                sources:
                  vendas:
                    type: %s
                    url: %s
                    user: %s
                    password: %s
                    tables: [item]
                    load: {connections: 2, chunk: 64KB}
                """.formatted(type, url, user, password));
        return project;
    }
}
