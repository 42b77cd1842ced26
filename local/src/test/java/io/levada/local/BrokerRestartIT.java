package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The broker alone goes away and comes back, twice, while the services run and both sources go on; everything is there
/// once in the end.
class BrokerRestartIT {
    private static final Duration BOUND = Duration.ofSeconds(150);
    private static final int BATCH = 5_000;

    @Test
    void goesOnByItselfWhenTheBrokerAloneWasRestarted(@TempDir Path directory) throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            postgres.createDatabase("shop");
            postgres.execute("shop", "CREATE TABLE item (id int PRIMARY KEY, name text)");
            Path project = project(directory, postgres);
            Path off = directory.resolve("off");
            try (PipelineProcess pipeline = PipelineProcess.switchable(project, directory.resolve("data"), off)
                    .awaitReady()) {
                int batches = 0;
                add(postgres, project, batches++);
                await(pipeline, batches);
                for (int restart = 0; restart < 2; restart++) {
                    add(postgres, project, batches++);
                    Files.createFile(off);
                    add(postgres, project, batches++);
                    Eventually.within(BOUND, () -> Files.exists(isOff(off)), stopped -> stopped);
                    add(postgres, project, batches++);
                    Files.delete(off);
                    Eventually.within(BOUND, () -> Files.exists(isOff(off)), stopped -> !stopped);
                    add(postgres, project, batches++);
                }
                await(pipeline, batches);
                assertThat(pipeline.query("SELECT count(*) - count(DISTINCT _pos) FROM raw.shop_item WHERE _op <> 'r'")
                                .toString())
                        .isEqualTo("[[0]]");
            }
        }
    }

    private static Path isOff(Path off) {
        return off.resolveSibling(off.getFileName() + ".off");
    }

    /// One transaction and one file.
    private static void add(EmbeddedPostgresServer postgres, Path project, int batch) throws Exception {
        int first = batch * BATCH;
        postgres.execute(
                "shop",
                "INSERT INTO item SELECT g, 'b" + batch + "' FROM generate_series(" + first + ", " + (first + BATCH - 1)
                        + ") g");
        Files.writeString(project.resolve("inbox/" + batch + ".csv"), "id,name\n" + batch + ",a\n");
    }

    private static void await(PipelineProcess pipeline, int batches) {
        String items = "[[" + batches * BATCH + "," + batches * BATCH + "]]";
        Eventually.within(
                BOUND,
                () -> pipeline.query(LevadaService.WAREHOUSE, counts("shop.item"))
                        .toString(),
                items::equals);
        Eventually.within(BOUND, () -> pipeline.query(counts("raw.shop_item")).toString(), items::equals);
        Eventually.within(
                BOUND,
                () -> pipeline.query(counts("raw.drops_rows")).toString(),
                ("[[" + batches + "," + batches + "]]")::equals);
    }

    private static String counts(String table) {
        return "SELECT count(*), count(DISTINCT id) FROM " + table;
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                project: brokers
                flush: 500ms
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
