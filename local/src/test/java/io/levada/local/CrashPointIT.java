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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.replication.LogSequenceNumber;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Stops the JVM exactly between two steps, one after the other on one data directory, with a change in flight each
/// time; every change is there once in the end.
class CrashPointIT {
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final String RAW = "raw.shop_item";
    private static final String STAGE = "stage.shop_item";

    private record Point(String step, String table) {}

    private static final List<Point> POINTS = List.of(
            new Point("landing.FILE_CLOSED", RAW),
            new Point("landing.BEFORE_TRANSACTION", RAW),
            new Point("landing.AFTER_TRANSACTION", RAW),
            new Point("commit.BEFORE_COMMIT", RAW),
            new Point("commit.AFTER_COMMIT", RAW),
            new Point("commit.BEFORE_SWEEP", RAW),
            new Point("transform.FILES_CLOSED", STAGE),
            new Point("transform.AFTER_OFFER", STAGE),
            new Point("load.BEFORE_COMMIT", "shop.item"),
            new Point("load.AFTER_COMMIT", "shop.item"));

    @Test
    void losesAndRepeatsNothingWhereverItStops(@TempDir Path directory) throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("shop");
            postgres.execute("shop", "CREATE TABLE item (id int PRIMARY KEY, name text)");
            Path project = project(directory, postgres);
            Path data = directory.resolve("data");
            load(project, data);

            for (int i = 0; i < POINTS.size(); i++) {
                Point point = POINTS.get(i);
                try (PipelineProcess halting = PipelineProcess.halting(project, data, point.step(), point.table())) {
                    postgres.execute("shop", "INSERT INTO item VALUES (" + i + ", '" + point.step() + "')");
                    assertThat(halting.awaitExit(BOUND)).as(point.toString()).isEqualTo(HaltingPipeline.HALTED);
                }
            }

            try (PipelineProcess last = PipelineProcess.run(project, data).awaitReady()) {
                String expected = "[[" + POINTS.size() + "," + POINTS.size() + "]]";
                Eventually.within(
                        BOUND,
                        () -> last.query(LevadaService.WAREHOUSE, counts("shop.item"))
                                .toString(),
                        expected::equals);
                assertThat(last.query(counts(RAW)).toString()).isEqualTo(expected);
                assertThat(last.query(counts(STAGE)).toString()).isEqualTo(expected);
                assertCompleteTo(postgres, last);
            }
        }
    }

    /// Nothing changes any more; the tables still go on with the log of their source.
    private static void assertCompleteTo(EmbeddedPostgresServer postgres, PipelineProcess pipeline) throws Exception {
        long end = end(postgres);
        for (String table : List.of(RAW, STAGE)) {
            Eventually.within(
                    BOUND, () -> completeTo(pipeline, LevadaService.QUERY, table), position -> position >= end);
        }
        assertThat(completeTo(pipeline, LevadaService.WAREHOUSE, "shop.item")).isPositive();
        assertThat(completeTo(pipeline, LevadaService.QUERY, RAW))
                .as("no position is ahead of the log")
                .isLessThanOrEqualTo(end(postgres));
    }

    private static long completeTo(PipelineProcess pipeline, LevadaService service, String table) throws Exception {
        JsonNode position = JsonMapper.shared()
                .readTree(pipeline.get(service, "/v1/tables/" + table).body())
                .path("completeTo")
                .path("shop")
                .path("position");
        return position.isString()
                ? LogSequenceNumber.valueOf(position.asString()).asLong()
                : 0;
    }

    private static long end(EmbeddedPostgresServer postgres) throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
            row.next();
            return LogSequenceNumber.valueOf(row.getString(1)).asLong();
        }
    }

    private static String counts(String table) {
        return "SELECT count(*), count(DISTINCT id) FROM " + table;
    }

    private static void load(Path project, Path data) throws Exception {
        try (PipelineProcess first = PipelineProcess.run(project, data).awaitReady()) {
            Eventually.within(
                    BOUND,
                    () -> first.status()
                            .map(status -> status.inputCommitted() && status.loaded())
                            .orElse(false),
                    done -> done);
            Eventually.within(
                    BOUND,
                    () -> first.status()
                            .map(status -> status.tableRows().containsKey(STAGE))
                            .orElse(false),
                    done -> done);
        }
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: crash
                flush: 300ms
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item]
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
