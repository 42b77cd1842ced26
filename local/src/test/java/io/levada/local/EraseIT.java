package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `levada erase` in a whole pipeline: from the raw table to the warehouse, and through a kill -9.
class EraseIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final String WAREHOUSE = "SELECT list(email ORDER BY id) FROM mart.customers";

    @TempDir
    private Path directory;

    @Test
    void takesAPersonOutOfAllThatTheLakeAndTheWarehouseHold() throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            define(project, postgres);
            postgres.createDatabase("shop");
            postgres.execute(
                    "shop",
                    "CREATE TABLE customer (id int PRIMARY KEY, email text, town text)",
                    "INSERT INTO customer VALUES (1, 'ada@x', 'Faro'), (2, 'bob@x', 'Lagos'), (3, 'cy@x', 'Faro')");
            Path data = directory.resolve("data");
            try (PipelineProcess pipeline = PipelineProcess.run(project, data).awaitReady()) {
                awaitWarehouse(pipeline, "[\"ada@x\",\"bob@x\",\"cy@x\"]");
                postgres.execute("shop", "UPDATE customer SET email = 'bob@y' WHERE id = 2");
                awaitWarehouse(pipeline, "[\"ada@x\",\"bob@y\",\"cy@x\"]");

                refuses(pipeline);
                assertThat(pipeline.levada(0, "erase", "stage.shop_customer", "2", "--dry-run"))
                        .contains("2 rows of raw.shop_customer would go")
                        .contains("The source had not deleted the row");
                postgres.execute("shop", "DELETE FROM customer WHERE id = 2");
                awaitDelete(pipeline, 2);
                String report = pipeline.levada(0, "erase", "stage.shop_customer", "2");

                assertThat(report)
                        .contains("raw.shop_customer")
                        .contains("curated.customers")
                        .contains("computed anew")
                        .contains("Kafka gives no record of levada.changes.shop.customer before offset ")
                        .contains("Kafka gives no record of levada.files-written before offset ")
                        .contains("mart.customers of the warehouse is loaded anew.")
                        .contains("The last copy, in files for queries that began before, is deleted at ")
                        .contains("Kafka deletes the bytes of its records by a few minutes after that.")
                        .doesNotContain("stay on Kafka's disks")
                        .doesNotContain("The source had not deleted the row");
                assertThat(one(pipeline, "SELECT list(DISTINCT id ORDER BY id) FROM raw.shop_customer"))
                        .isEqualTo("[1,3]");
                assertThat(one(pipeline, "SELECT list(email ORDER BY id) FROM curated.customers"))
                        .isEqualTo("[\"ada@x\",\"cy@x\"]");
                awaitWarehouse(pipeline, "[\"ada@x\",\"cy@x\"]");
                assertThat(history(pipeline).toString())
                        .contains("ERASURE")
                        .doesNotContain("CHUNK")
                        .doesNotContain("CHANGES");
                assertThat(pipeline.levada(0, "erase", "raw.shop_customer", "77"))
                        .contains("No row of raw.shop_customer has this key.");
                // The first order waits for its hour.
                assertThat(pipeline.get(LevadaService.CATALOG, "/actuator/prometheus")
                                .body())
                        .contains("levada_catalog_erasures_open 1.0");

                // What comes later is landed as before.
                postgres.execute("shop", "INSERT INTO customer VALUES (4, 'dan@x', 'Faro')");
                awaitWarehouse(pipeline, "[\"ada@x\",\"cy@x\",\"dan@x\"]");

                // An order that was taken is carried out, whatever happens to the process.
                postgres.execute("shop", "DELETE FROM customer WHERE id = 4");
                awaitDelete(pipeline, 4);
                assertThat(pipeline.post(
                                        LevadaService.CATALOG,
                                        "/v1/erasures",
                                        "{\"table\": \"raw.shop_customer\", \"key\": [\"id=4\"]}")
                                .statusCode())
                        .isEqualTo(202);
                pipeline.kill();
            }
            try (PipelineProcess again = PipelineProcess.run(project, data).awaitReady()) {
                Eventually.within(
                        BOUND,
                        () -> again.get(LevadaService.CATALOG, "/v1/erasures").body(),
                        body -> body.contains("\"key\":{\"id\":\"4\"}") && body.split("DELETING", -1).length == 3);
                assertThat(one(again, "SELECT list(DISTINCT id ORDER BY id) FROM raw.shop_customer"))
                        .isEqualTo("[1,3]");
                awaitWarehouse(again, "[\"ada@x\",\"cy@x\"]");
                postgres.execute("shop", "INSERT INTO customer VALUES (5, 'eve@x', 'Faro')");
                awaitWarehouse(again, "[\"ada@x\",\"cy@x\",\"eve@x\"]");
            }
        }
    }

    private static void refuses(PipelineProcess pipeline) {
        assertThat(pipeline.levada(1, "erase", "stage.shop_customer", "two"))
                .contains("ERASURE_KEY")
                .contains("`two` is no int, which column id is");
        assertThat(pipeline.levada(1, "erase", "curated.customers", "2"))
                .contains("ERASURE_TABLE")
                .contains("Name a raw table of a source, or its mirror");
    }

    private static void define(Path project, EmbeddedPostgresServer postgres) throws Exception {
        Files.createDirectories(project.resolve("curations"));
        Files.writeString(project.resolve("curations/customers.sql"), "SELECT id, email FROM stage.shop_customer\n");
        Files.writeString(project.resolve("levada.yaml"), """
                project: erase
                flush: 200ms
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [customer]
                tables:
                  curated.customers:
                    sql: curations/customers.sql
                warehouse:
                  loads:
                    mart.customers: {from: curated.customers, key: [id]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
    }

    private static void awaitWarehouse(PipelineProcess pipeline, String emails) {
        Eventually.within(
                BOUND,
                () -> {
                    try {
                        return pipeline.query(LevadaService.WAREHOUSE, WAREHOUSE)
                                .path(0)
                                .path(0)
                                .toString();
                    } catch (IllegalStateException e) {
                        // The table is not there yet.
                        return "";
                    }
                },
                emails::equals);
    }

    /// An order waits some seconds for a delete before it, which a busy machine exceeds.
    private static void awaitDelete(PipelineProcess pipeline, int id) {
        Eventually.within(
                BOUND,
                () -> one(pipeline, "SELECT count(*) FROM raw.shop_customer WHERE _op = 'd' AND id = " + id),
                "1"::equals);
    }

    private static JsonNode history(PipelineProcess pipeline) throws Exception {
        return tools.jackson.databind.json.JsonMapper.shared()
                .readTree(pipeline.get(LevadaService.QUERY, "/v1/tables/raw.shop_customer")
                        .body());
    }

    private static String one(PipelineProcess pipeline, String sql) throws Exception {
        return pipeline.query(sql).path(0).path(0).toString();
    }
}
