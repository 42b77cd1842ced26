package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole pipeline in a process of its own, killed and started again.
final class RestartIT {
    private static final Duration PASSES = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void goesOnAfterAKillWithoutLossOrRepetition() throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(folder.resolve("postgres"))) {
            // Given
            postgres.createDatabase("shop");
            postgres.execute(
                    "shop",
                    "CREATE TABLE item (id int PRIMARY KEY, price numeric(10,2))",
                    "INSERT INTO item SELECT n, n * 1.5 FROM generate_series(1, 1000) n");
            Path project = project();
            try (PipelineProcess pipeline =
                    PipelineProcess.start(project, folder.resolve("data"), Map.of("SHOP_URL", postgres.url("shop")))) {
                awaitWarehouse(pipeline, "[[1000,750750.00]]");
                postgres.execute(
                        "shop", "UPDATE item SET price = 0 WHERE id <= 100", "DELETE FROM item WHERE id > 900");

                // When
                pipeline.kill();
                postgres.execute("shop", "INSERT INTO item VALUES (2000, 1.00)");
                pipeline.restart();

                // Then
                awaitWarehouse(pipeline, "[[901,600601.00]]");
                assertThat(pipeline.query(
                                        "SELECT _op, count(*) FROM raw.shop_item WHERE _op <> 'r' GROUP BY _op ORDER BY _op")
                                .toString())
                        .isEqualTo("[[\"c\",1],[\"d\",100],[\"u\",100]]");
                assertThat(pipeline.query("SELECT count(*), sum(price) FROM stage.shop_item")
                                .toString())
                        .isEqualTo("[[901,600601.00]]");
            }
        }
    }

    private static void awaitWarehouse(PipelineProcess pipeline, String rows) {
        Eventually.within(
                PASSES,
                () -> pipeline.queryWarehouse("SELECT count(*), sum(price) FROM shop.item")
                        .toString(),
                rows::equals);
    }

    private Path project() throws Exception {
        Path project = Files.createDirectories(folder.resolve("shop"));
        Files.writeString(project.resolve("levada.yaml"), """
                flush: 500ms
                sources:
                  shop: {type: postgres, url: "${SHOP_URL}", user: postgres, tables: [item]}
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                """);
        return project;
    }
}
