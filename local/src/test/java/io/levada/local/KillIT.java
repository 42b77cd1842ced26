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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 of the whole pipeline at random moments of every phase, while a database is written to and files are dropped
/// into a folder; then the tables are compared with their sources. `-Dlevada.kills=N` and `-Dlevada.seed=N` make a
/// longer or another campaign.
class KillIT {
    private static final Duration CONVERGENCE = Duration.ofSeconds(240);
    private static final int KILLS = Integer.getInteger("levada.kills", 6);
    private static final long SEED = Long.getLong("levada.seed", 20261121L);
    private static final int INITIAL_ROWS = 150_000;

    /// After the first kill, which is in the load. From a short phase to the next one the pipeline gets further.
    private static final List<Phase> PHASES =
            List.of(Phase.STREAM, Phase.COMMIT, Phase.FILES, Phase.CURATION, Phase.WAREHOUSE);

    @Test
    void everyChangeIsThereOnceAfterKillsInEveryPhase(@TempDir Path directory, TestReporter reporter) throws Exception {
        Random random = new Random(SEED);
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            SourceWorkload.prepare(postgres, "shop", INITIAL_ROWS);
            Path project = project(directory, postgres);
            SourceWorkload workload = new SourceWorkload(postgres, "shop", SEED, 100 * KILLS);
            Path data = directory.resolve("data");
            Thread writer = Thread.ofPlatform().name("workload").unstarted(workload);
            FolderWorkload dropped = new FolderWorkload(project.resolve("inbox"), SEED);
            Thread drops = Thread.ofPlatform().name("drops").unstarted(dropped);
            Map<Phase, Integer> inFlight = new EnumMap<>(Phase.class);
            PipelineProcess pipeline = null;
            try {
                for (int kill = 0; kill < KILLS; kill++) {
                    Path marks = directory.resolve("marks-" + kill);
                    Phase phase = kill == 0 ? Phase.LOAD : PHASES.get((kill - 1) % PHASES.size());
                    Duration armedAfter = Duration.ofMillis(kill == 0 ? 0 : random.nextInt(4_000));
                    pipeline = PipelineProcess.steered(project, data, phase, armedAfter, marks);
                    workload.allow(100 * (kill + 1));
                    pipeline.awaitKillable(marks);
                    if (kill == 0) {
                        // From here on every change comes through the log: the source is planned.
                        writer.start();
                        drops.start();
                    }
                    LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(random.nextInt(phase == Phase.LOAD ? 150 : 500)));
                    pipeline.kill();
                    PhaseMarks.inFlight(marks).forEach(open -> inFlight.merge(open, 1, Integer::sum));
                    pipeline.close();
                }
                reporter.publishEntry("in flight at the kills", inFlight.toString());
                if (KILLS > PHASES.size()) {
                    assertThat(inFlight).as("phases in flight at the kills").containsOnlyKeys(Phase.values());
                }
                pipeline = PipelineProcess.run(project, data);
                workload.finish();
                dropped.stop();
                writer.join(Duration.ofMinutes(5));
                workload.requireNoFailure();
                assertThat(workload.done()).isGreaterThanOrEqualTo(100L * KILLS);
                drops.join(Duration.ofSeconds(30));
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
                assertFiles(last, dropped.rows());
                Eventually.within(
                        CONVERGENCE,
                        () -> last.query("SELECT count(*) FROM (SELECT note, count(*) AS items FROM stage.shop_item"
                                        + " GROUP BY note EXCEPT SELECT note, items FROM curated.notes)")
                                .toString(),
                        "[[0]]"::equals);
            } finally {
                workload.stop();
                dropped.stop();
                if (pipeline != null) {
                    pipeline.close();
                }
                writer.join(Duration.ofSeconds(30));
            }
        }
    }

    private static void assertFiles(PipelineProcess pipeline, int rows) {
        Eventually.within(
                CONVERGENCE,
                () -> pipeline.query("SELECT count(*), count(DISTINCT id) FROM raw.drops_rows")
                        .toString(),
                ("[[" + rows + "," + rows + "]]")::equals);
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
                ? "id || '|' || op_id || '|' || note || '|' || amount || '|' || coalesce(md5(body), '')"
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
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(
                project.resolve("notes.sql"), "SELECT note, count(*) AS items FROM stage.shop_item GROUP BY note");
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
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                tables:
                  curated.notes:
                    sql: notes.sql
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                    shop.line: {from: stage.shop_line, key: [a, b]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
