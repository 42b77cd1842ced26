package io.levada.warehouse.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.WarehouseLoad;
import io.levada.events.Layer;
import io.levada.events.TableCommitted;
import io.levada.events.TableLoaded;
import io.levada.events.Topics;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import io.levada.warehouse.WarehouseApplication;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.json.JsonMapper;

final class WarehouseServiceIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Schema SALES = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "total", Types.DecimalType.of(18, 2)));

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void loadsOnCommitsPublishesItAndAnswersQueries() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"));
                LocalLake lake = new LocalLake(directory.resolve("lake"))) {
            createTopics(kafka);
            lake.create("curated.sales", SALES);
            lake.append("curated.sales", List.of(List.of(1L, new BigDecimal("10.00"))));
            try (ConfigurableApplicationContext context = run(kafka, lake)) {
                String base = "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
                Eventually.within(
                        BOUND, () -> assertThat(get(base + "/v1/status")).contains("\"settled\":true"));
                assertThat(query(base, "SELECT * FROM dw.sales").body()).contains("\"rows\":[[1,10.00]]");

                lake.append("curated.sales", List.of(List.of(2L, new BigDecimal("20.00"))));
                assertThat(get(base + "/v1/status")).contains("\"settled\":false", "\"state\":\"STALE\"");
                Eventually.within(BOUND, () -> {
                    announce(kafka);
                    assertThat(get(base + "/v1/status")).contains("\"settled\":true", "\"state\":\"UP_TO_DATE\"");
                });

                assertThat(query(base, "SELECT * FROM dw.sales ORDER BY id").body())
                        .contains("\"rows\":[[1,10.00],[2,20.00]]");
                assertEvents(kafka, lake);
                assertServed(base);
            }
        }
    }

    private ConfigurableApplicationContext run(EmbeddedKafka kafka, LocalLake lake) {
        return new SpringApplicationBuilder(WarehouseApplication.class)
                .properties(
                        "spring.config.name=warehouse",
                        "levada.warehouse.data-directory=" + directory.resolve("data"),
                        "levada.warehouse.lake-location=" + lake.root(),
                        "levada.warehouse.kafka-bootstrap-servers=" + kafka.bootstrapServers(),
                        "levada.warehouse.catalog-uri=http://127.0.0.1:" + FreePorts.one() + "/iceberg",
                        "levada.warehouse.sweep-interval=10m")
                .initializers((GenericApplicationContext c) -> {
                    c.registerBean(PipelineDefinition.class, this::definition);
                    c.registerBean(Lake.class, () -> lake::load, bean -> bean.setDestroyMethodName(""));
                })
                .run("--server.port=0");
    }

    private PipelineDefinition definition() {
        return new PipelineDefinition(
                directory,
                "test",
                LakeDefinition.DEFAULT,
                FlushPolicy.DEFAULT,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of("dw.sales", new WarehouseLoad("dw.sales", "curated.sales", List.of("id"))));
    }

    private static void createTopics(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(Topics.control().stream()
                            .map(topic -> new NewTopic(topic, 1, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    private static void announce(EmbeddedKafka kafka) throws Exception {
        TableCommitted event = new TableCommitted(
                "curated.sales", Layer.CURATED, 1, null, null, 1, 0, 1, List.of(), Map.of(), Instant.EPOCH);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.TABLE_COMMITTED, JSON.writeValueAsBytes(event)))
                    .get();
        }
    }

    private static void assertEvents(EmbeddedKafka kafka, LocalLake lake) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(Topics.TABLE_LOADED, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Eventually.within(BOUND, () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
                assertThat(records).hasSizeGreaterThanOrEqualTo(2);
            });
        }
        assertThat(records).hasSize(2);
        long newest = lake.load("curated.sales").orElseThrow().currentSnapshot().snapshotId();
        ConsumerRecord<byte[], byte[]> last = records.getLast();
        assertThat(JSON.readValue(last.value(), TableLoaded.class))
                .isEqualTo(new TableLoaded("dw.sales", "curated.sales", newest, 1, 0, 0));
        assertThat(last.key()).isEqualTo("dw.sales".getBytes(StandardCharsets.UTF_8));
        assertThat(new String(last.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8))
                .isEqualTo("dw.sales@" + newest);
        assertThat(new String(last.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8))
                .isEqualTo("io.levada.TableLoaded");
    }

    private void assertServed(String base) throws Exception {
        assertThat(get(base + "/v1/tables"))
                .contains("\"name\":\"dw.sales\",\"rows\":2")
                .doesNotContain("levada");
        assertThat(get(base + "/v1/tables/dw.sales")).contains("\"type\":\"DECIMAL(18,2)\"");
        assertThat(get(base + "/actuator/health/readiness")).contains("UP");
        assertThat(get(base + "/actuator/prometheus")).contains("levada_warehouse_rows_inserted_total 2.0");
        for (String sql : List.of(
                "DELETE FROM dw.sales",
                "DROP TABLE dw.sales",
                "WITH x AS (DELETE FROM dw.sales RETURNING *) SELECT * FROM x",
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM levada.loads",
                "SELECT * FROM warehouse.levada.loads",
                "SELECT * FROM information_schema.tables",
                "SELECT * FROM duckdb_tables()",
                "COPY dw.sales TO '/tmp/levada-escape.csv'",
                "SET threads = 1",
                "SELECT 1; SELECT 2")) {
            HttpResponse<String> refused = query(base, sql);
            assertThat(refused.statusCode()).as(sql).isIn(400, 404);
            assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
    }

    private String get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private HttpResponse<String> query(String base, String sql) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(base + "/v1/queries"))
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("sql", sql))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
