package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 of the whole pipeline at random moments, while a source is written to; then the tables are compared with the
/// source. `-Dlevada.kills=N` and `-Dlevada.seed=N` make a longer or another campaign.
class KillIT {
    private static final Duration CONVERGENCE = Duration.ofSeconds(240);
    private static final int KILLS = Integer.getInteger("levada.kills", 10);
    private static final long SEED = Long.getLong("levada.seed", 20261121L);
    private static final int INITIAL_ROWS = 150_000;

    @Test
    void everyChangeIsThereOnceAfterKillsAtRandomMoments(@TempDir Path directory) throws Exception {
        Random random = new Random(SEED);
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            SourceWorkload.prepare(postgres, "shop", INITIAL_ROWS);
            Path project = project(directory, postgres);
            SourceWorkload workload = new SourceWorkload(postgres, "shop", SEED, 100 * KILLS);
            PipelineProcess pipeline = PipelineProcess.run(project, directory.resolve("data"));
            Thread writer = Thread.ofPlatform().name("workload").unstarted(workload);
            try {
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitCapture(pipeline);
                    if (kill == 0) {
                        // From here on every change comes through the log: the source is planned.
                        writer.start();
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(6_000)));
                    pipeline.kill();
                    pipeline = pipeline.restart();
                }
                writer.join(Duration.ofMinutes(5));
                workload.requireNoFailure();
                assertThat(workload.done()).isEqualTo(100L * KILLS);
                PipelineProcess last = pipeline.awaitReady();
                for (String table : List.of("item", "line")) {
                    assertMirror(postgres, last, table);
                    assertChanges(postgres, last, table);
                }
                assertChanges(postgres, last, "event");
                assertThat(last.query("SELECT count(*) FROM stage.shop_idle").toString())
                        .isEqualTo("[[1000]]");
                assertThat(last.query("SELECT count(*) FROM stage.shop_empty").toString())
                        .isEqualTo("[[0]]");
            } finally {
                workload.stop();
                pipeline.close();
                writer.join(Duration.ofSeconds(30));
            }
        }
    }

    private static void awaitCapture(PipelineProcess pipeline) {
        pipeline.awaitReady();
        Eventually.within(
                Duration.ofSeconds(60),
                () -> pipeline.status()
                        .map(status -> status.ingest()
                                .path("sources")
                                .path(0)
                                .path("position")
                                .isString())
                        .orElse(false),
                streaming -> streaming);
    }

    /// Every change that the database accounted for is in raw once, and nothing else is.
    private static void assertChanges(EmbeddedPostgresServer postgres, PipelineProcess pipeline, String table)
            throws Exception {
        String key = switch (table) {
            case "item" -> "CAST(id AS VARCHAR)";
            case "line" -> "CAST(a AS VARCHAR) || '/' || b";
            default -> "CAST(op_id AS VARCHAR)";
        };
        String expected = source(
                postgres,
                "SELECT count(*), coalesce(sum(('x' || substr(md5(op || ':' || k), 1, 8))::bit(32)::bigint), 0) FROM account"
                        + " WHERE tab = '" + table + "'");
        String actual =
                "SELECT count(*), CAST(coalesce(sum(CAST('0x' || substr(md5(_op || ':' || CASE WHEN _op = 't' THEN ''"
                        + " ELSE " + key + " END), 1, 8) AS BIGINT)), 0) AS BIGINT) FROM raw.shop_" + table
                        + " WHERE _op <> 'r'";
        Eventually.within(CONVERGENCE, () -> pipeline.query(actual).toString(), expected::equals);
        assertThat(pipeline.query("SELECT count(*) - count(DISTINCT _pos) FROM raw.shop_" + table + " WHERE _op <> 'r'")
                        .toString())
                .isEqualTo("[[0]]");
    }

    /// Mirror and warehouse hold the source's rows.
    private static void assertMirror(EmbeddedPostgresServer postgres, PipelineProcess pipeline, String table)
            throws Exception {
        String row = table.equals("item")
                ? "id || '|' || op_id || '|' || note || '|' || amount"
                : "a || '|' || b || '|' || op_id";
        String expected = source(
                postgres,
                "SELECT count(*), coalesce(sum(('x' || substr(md5(" + row + "), 1, 8))::bit(32)::bigint), 0) FROM "
                        + table);
        String actual = "SELECT count(*), CAST(coalesce(sum(CAST('0x' || substr(md5(" + row
                + "), 1, 8) AS BIGINT)), 0) AS BIGINT) FROM ";
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query(actual + "stage.shop_" + table).toString(),
                expected::equals);
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query(LevadaService.WAREHOUSE, actual + "shop." + table)
                        .toString(),
                expected::equals);
    }

    private static String source(EmbeddedPostgresServer postgres, String sql) throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return "[[" + rows.getLong(1) + "," + rows.getLong(2) + "]]";
        }
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: kills
                flush: 1s
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item, line, event, idle, empty]
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                    shop.line: {from: stage.shop_line, key: [a, b]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
