package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.WrittenFiles;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import io.levada.testing.aws.EmbeddedGlueServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole pipeline whose catalog is in AWS Glue and whose lake is in a bucket: both are disturbed and it is killed
/// while its sources are written to, everything is compared with the sources, and then what can be done with a lake is
/// done with this one. Each request to Glue is checked by AWS's model of the service.
class GluePipelineIT {
    private static final String BUCKET = "levada-lake";
    private static final String LAKE = "s3://" + BUCKET + "/prod";
    private static final long SEED = Long.getLong("levada.seed", 20261122L);
    private static final int INITIAL_ROWS = 2_000;
    private static final Duration DISTURBED = Duration.ofSeconds(5);
    private static final Duration AWAY = Duration.ofSeconds(8);
    private static final Duration BETWEEN_FAULTS = Duration.ofMillis(400);
    private static final int SMALL_FILES = 5;
    private static final TableIdentifier VISITS = TableIdentifier.of("analytics", "visits");
    private static final Schema VISIT = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));
    private static final int ERASED = 900_000_001;

    @TempDir
    private Path directory;

    private EmbeddedPostgresServer postgres;
    private EmbeddedS3Server server;
    private FaultyS3 bucket;
    private EmbeddedGlueServer glue;
    private ShopProject project;

    @BeforeEach
    void start() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"));
        server = EmbeddedS3Server.start();
        server.createBucket(BUCKET);
        bucket = FaultyS3.before(server.endpoint());
        glue = EmbeddedGlueServer.start();
        SourceWorkload.prepare(postgres, ShopProject.DATABASE, INITIAL_ROWS);
        project =
                ShopProject.write(directory, "shop", postgres, """
                catalog:
                  type: glue
                  region: eu-west-1
                  endpoint: %s
                lake:
                  location: %s
                  endpoint: %s
                """.formatted(glue.endpoint(), LAKE, bucket.endpoint()));
    }

    @AfterEach
    void stop() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        bucket.close();
        server.close();
        postgres.close();
        glue.close();
    }

    private PipelineProcess run() throws Exception {
        return PipelineProcess.run(
                        project.folder(),
                        directory.resolve("data"),
                        Map.of(
                                "AWS_ACCESS_KEY_ID",
                                EmbeddedS3Server.ACCESS_KEY,
                                "AWS_SECRET_ACCESS_KEY",
                                EmbeddedS3Server.SECRET_KEY))
                .awaitReady();
    }

    @Test
    void everyChangeIsThereOnceThoughGlueThrottlesLosesAnswersAndIsAwayAndThePipelineIsKilled() throws Exception {
        try (ShopWorkload workload = new ShopWorkload(postgres, project, SEED, 130)) {
            try (PipelineProcess first = run()) {
                first.awaitRows("SELECT count(*) FROM stage.shop_item", "[[" + INITIAL_ROWS + "]]");
                workload.start();
                workload.allow(45);
                throttle();
                workload.allow(90);
                beAway();
                workload.allow(130);
                loseAnswers();
                first.kill();
            }
            glue.calm();
            bucket.plan(_ -> Fault.NONE);
            try (PipelineProcess second = run()) {
                new ShopProof(postgres, second).everythingIsThereOnce(workload.finish());
                assertThat(directory.resolve("data/lake")).doesNotExist();
                assertThat(directory.resolve("data/catalog/catalog.db")).doesNotExist();

                readsTheLakeAsItWas(second);
                maintains(second);
                erases(second);
                assertTablesAreWhatEnginesOnGlueRead(second);
                assertNothingElseIsAsked();
            }
        }
    }

    private void throttle() {
        bucket.plan(request -> request.number() % 5 == 0 ? Fault.SLOW_DOWN : Fault.NONE);
        disturb("UpdateTable", () -> {
            glue.throttle("GetTable", 2);
            glue.throttle("UpdateTable", 1);
        });
        assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
    }

    private void loseAnswers() {
        bucket.plan(BucketFaults.lostAnswers());
        disturb("UpdateTable", () -> {
            glue.loseAnswers("UpdateTable", 1);
            glue.failAfterApplying("UpdateTable", 1, "InternalServiceException", 500);
            // Which is not tried again, and which Iceberg by itself takes for a refusal.
            glue.failAfterApplying("UpdateTable", 1, "OperationTimeoutException", 400);
        });
        assertThat(bucket.struck(Fault.ANSWER_LOST)).isPositive();
    }

    private void disturb(String operation, Runnable faults) {
        int before = glue.struck(operation);
        long end = System.nanoTime() + DISTURBED.toNanos();
        while (System.nanoTime() < end) {
            faults.run();
            LockSupport.parkNanos(BETWEEN_FAULTS.toNanos());
        }
        assertThat(glue.struck(operation)).isGreaterThan(before);
    }

    private void beAway() {
        glue.calm();
        int before = glue.struck("GetTable");
        glue.away(true);
        LockSupport.parkNanos(AWAY.toNanos());
        glue.away(false);
        assertThat(glue.struck("GetTable")).isGreaterThan(before);
    }

    private static void readsTheLakeAsItWas(PipelineProcess pipeline) throws Exception {
        JsonNode snapshots = JsonMapper.shared()
                .readTree(pipeline.get(LevadaService.QUERY, "/v1/tables/raw.shop_item?limit=1000")
                        .body())
                .path("snapshots");
        JsonNode earlier = snapshots.path(snapshots.size() / 2);
        String id = earlier.path("snapshotId").asString();

        assertThat(pipeline.levada(0, "history", "raw.shop_item", "--limit", "1000"))
                .contains(id)
                .contains("CHANGES");
        assertThat(pipeline.query("SELECT count(*) FROM raw.shop_item FOR VERSION AS OF " + id)
                        .toString())
                .isEqualTo("[[" + earlier.path("rows").asLong() + "]]");
    }

    /// What an engine writes through the REST catalog into small files, maintenance makes into one.
    private static void maintains(PipelineProcess pipeline) throws Exception {
        try (LakeCatalog lake =
                LakeCatalog.connect(URI.create(pipeline.ports().url(LevadaService.CATALOG) + "/iceberg"))) {
            lake.iceberg().createNamespace(VISITS.namespace());
            Table visits = lake.iceberg().createTable(VISITS, VISIT);
            for (long id = 1; id <= SMALL_FILES; id++) {
                visits.newAppend()
                        .appendFile(WrittenFiles.toDataFile(file(visits, id), visits.spec()))
                        .commit();
            }

            String said = pipeline.levada(0, "maintain");

            assertThat(said).contains("analytics.visits");
            visits.refresh();
            assertThat(visits.currentSnapshot().summary()).containsEntry("total-data-files", "1");
        }
        pipeline.awaitRows("SELECT count(*), sum(id) FROM analytics.visits", "[[5,15]]");
        assertThat(pipeline.levada(0, "history", "analytics.visits")).contains("COMPACTION");
    }

    private static WrittenFile file(Table table, long id) {
        try (ParquetFileWriter writer =
                ParquetFileWriter.create(table, table.location() + "/data/" + id + ".parquet", "")) {
            GenericRecord row = writer.newRow();
            row.setField("id", id);
            writer.write(row);
            return writer.finish();
        }
    }

    /// A person who is in every layer, and gone from every layer.
    private void erases(PipelineProcess pipeline) throws Exception {
        String person = " WHERE id = " + ERASED;
        postgres.execute(
                ShopProject.DATABASE, "INSERT INTO item VALUES (" + ERASED + ", nextval('op_ids'), 'ada', 1.00)");
        pipeline.awaitRows(LevadaService.WAREHOUSE, "SELECT note FROM shop.item" + person, "[[\"ada\"]]");
        pipeline.awaitRows("SELECT items FROM curated.notes WHERE note = 'ada'", "[[1]]");
        postgres.execute(ShopProject.DATABASE, "DELETE FROM item" + person);
        pipeline.awaitRows("SELECT count(*) FROM raw.shop_item" + person + " AND _op = 'd'", "[[1]]");

        String report = pipeline.levada(0, "erase", "raw.shop_item", Integer.toString(ERASED));

        assertThat(report)
                .contains("raw.shop_item")
                .contains("stage.shop_item")
                .contains("curated.notes")
                .contains("The last copy, in files for queries that began before, is deleted at ")
                .doesNotContain("The source had not deleted the row");
        pipeline.awaitRows("SELECT count(*) FROM raw.shop_item" + person, "[[0]]");
        pipeline.awaitRows("SELECT count(*) FROM stage.shop_item" + person, "[[0]]");
        pipeline.awaitRows("SELECT count(*) FROM curated.notes WHERE note = 'ada'", "[[0]]");
        pipeline.awaitRows(LevadaService.WAREHOUSE, "SELECT count(*) FROM shop.item" + person, "[[0]]");
        assertThat(pipeline.levada(0, "history", "raw.shop_item")).contains("ERASURE");
    }

    /// By <https://iceberg.apache.org/docs/latest/aws/#glue-catalog> an entry is Iceberg's by its parameters, and its
    /// metadata is where they say.
    private void assertTablesAreWhatEnginesOnGlueRead(PipelineProcess pipeline) {
        for (String namespace : Set.of("raw", "stage", "curated", "analytics")) {
            JsonNode tables = glue.ask("GetTables", "{\"DatabaseName\": \"shop_" + namespace + "\"}")
                    .path("TableList");
            assertThat(tables).as(namespace).isNotEmpty();
            for (JsonNode table : tables) {
                String name = table.path("Name").asString();
                assertThat(table.path("TableType").asString()).isEqualTo("EXTERNAL_TABLE");
                assertThat(table.path("Parameters").path("table_type").asString())
                        .isEqualTo("ICEBERG");
                assertThat(table.path("StorageDescriptor").path("Columns"))
                        .as(name)
                        .isNotEmpty();
                assertThat(table.path("StorageDescriptor").path("Location").asString())
                        .startsWith(LAKE + "/" + namespace + "/");
                Eventually.within(
                        Eventually.PATIENCE,
                        () -> assertThat(metadataLocation(namespace, name))
                                .isEqualTo(JsonMapper.shared()
                                        .readTree(pipeline.get(
                                                        LevadaService.CATALOG,
                                                        "/iceberg/v1/namespaces/" + namespace + "/tables/" + name)
                                                .body())
                                        .path("metadata-location")
                                        .asString()));
                String metadata = metadataLocation(namespace, name);
                assertThat(metadata).startsWith(LAKE + "/" + namespace + "/");
                String key = metadata.substring(("s3://" + BUCKET + "/").length());
                assertThat(server.keys(BUCKET, key)).containsExactly(key);
            }
        }
    }

    private String metadataLocation(String namespace, String table) {
        return glue.ask("GetTable", "{\"DatabaseName\": \"shop_" + namespace + "\", \"Name\": \"" + table + "\"}")
                .path("Table")
                .path("Parameters")
                .path("metadata_location")
                .asString();
    }

    /// What the documentation lets credentials do, but for what engines do that drop or change namespaces.
    private void assertNothingElseIsAsked() throws Exception {
        Set<String> asked =
                glue.calls().stream().map(EmbeddedGlueServer.Call::operation).collect(Collectors.toSet());
        Set<String> documented = new TreeSet<>(Pattern.compile("\"glue:(\\w+)\"")
                .matcher(Files.readString(Path.of("..", "docs", "how-to", "glue.md")))
                .results()
                .map((MatchResult action) -> action.group(1))
                .toList());
        documented.removeAll(Set.of("UpdateDatabase", "DeleteDatabase", "DeleteTable"));
        assertThat(asked).isEqualTo(documented);
        assertThat(glue.calls())
                .filteredOn(call -> call.body().has("DatabaseName"))
                .allMatch(call -> call.body().path("DatabaseName").asString().startsWith("shop_"));
        assertThat(glue.calls("UpdateTable"))
                .allMatch(request -> request.path("VersionId").isString())
                .allMatch(request -> request.path("SkipArchive").asBoolean());
    }
}
