package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stops the JVM exactly between two steps, one after the other on one data directory, with a change or a file in
/// flight each time; everything is there once in the end.
class CrashPointIT {
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final String RAW = "raw.shop_item";
    private static final String STAGE = "stage.shop_item";
    private static final String DROPPED = "raw.drops_rows";

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
            new Point("load.AFTER_COMMIT", "shop.item"),
            new Point("landing.FILE_SPOOLED", DROPPED),
            new Point("landing.FILE_ANNOUNCED", DROPPED),
            new Point("landing.BEFORE_TRANSACTION", DROPPED),
            new Point("landing.AFTER_TRANSACTION", DROPPED),
            new Point("commit.AFTER_COMMIT", DROPPED));

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
                    if (point.table().equals(DROPPED)) {
                        Files.writeString(
                                project.resolve("inbox/" + i + ".csv"), "id,name\n" + i + ",a\n-" + i + ",b\n");
                    } else {
                        postgres.execute("shop", "INSERT INTO item VALUES (" + i + ", '" + point.step() + "')");
                    }
                    assertThat(halting.awaitExit(BOUND)).as(point.toString()).isEqualTo(HaltingPipeline.HALTED);
                }
            }

            try (PipelineProcess last = PipelineProcess.run(project, data).awaitReady()) {
                String expected = counted(POINTS.stream()
                        .filter(point -> !point.table().equals(DROPPED))
                        .count());
                String dropped = counted(2
                        * POINTS.stream()
                                .filter(point -> point.table().equals(DROPPED))
                                .count());
                Eventually.within(
                        BOUND,
                        () -> last.query(LevadaService.WAREHOUSE, counts("shop.item"))
                                .toString(),
                        expected::equals);
                Eventually.within(BOUND, () -> last.query(counts(DROPPED)).toString(), dropped::equals);
                assertThat(last.query(counts(RAW)).toString()).isEqualTo(expected);
                assertThat(last.query(counts(STAGE)).toString()).isEqualTo(expected);
            }
        }
    }

    private static String counted(long rows) {
        return "[[" + rows + "," + rows + "]]";
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
        Files.createDirectories(project.resolve("inbox"));
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
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
