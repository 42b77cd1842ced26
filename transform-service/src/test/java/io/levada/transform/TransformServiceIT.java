package io.levada.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.CuratedTable;
import io.levada.definition.FileSource;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.events.Layer;
import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import io.levada.lake.TableSpec;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import io.levada.transform.derived.TransformTiming;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The service as it is started, on a real broker; the test is the committer.
class TransformServiceIT {
    private static final String CURATED = "curated.counted";
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final TransformTiming ONLY_ON_EVENTS = new TransformTiming(
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1));

    @TempDir
    private Path directory;

    private final int port = FreePorts.one();
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void followsTheEventsOfTheCommitter() throws Exception {
        TestLake lake = TestLake.in(directory);
        lake.create(new TableSpec(
                "raw.sales_item",
                new Schema(Types.NestedField.optional(1, "x", Types.IntegerType.get())),
                List.of(),
                lake.layout().table("raw.sales_item"),
                Map.of()));
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            createTopics(kafka);
            try (ConfigurableApplicationContext _ = start(kafka, lake);
                    KafkaConsumer<String, byte[]> offers = consumer(kafka);
                    KafkaProducer<String, byte[]> events = producer(kafka)) {
                ConsumerRecord<String, byte[]> first = next(offers);
                assertThat(first.key()).isEqualTo(CURATED);
                FilesWritten refused = JsonMapper.shared().readValue(first.value(), FilesWritten.class);
                assertThat(header(first, "ce_id")).isEqualTo(refused.id());
                assertThat(header(first, "ce_source")).isEqualTo("/levada/transform");
                assertThat(header(first, "ce_type")).isEqualTo("io.levada.FilesWritten");
                assertThat(status().get("settled").asBoolean()).isFalse();

                send(
                        events,
                        Topics.FILES_REFUSED,
                        CURATED,
                        new FilesRefused(refused.id(), CURATED, refused.cause(), "INPUTS_MOVED", "moved", true));

                FilesWritten second = JsonMapper.shared().readValue(next(offers).value(), FilesWritten.class);
                assertThat(second.id()).isNotEqualTo(refused.id());
                commit(lake, events, second);
                Eventually.within(
                        BOUND,
                        () -> assertThat(status().get("settled").asBoolean()).isTrue());
                assertThat(status().at("/tables/0/state").asString()).isEqualTo("UP_TO_DATE");
                assertThat(status().at("/tables/0/inputs/raw.sales_item").asString())
                        .isEqualTo("-1");

                lake.overwrite("raw.sales_item", List.of());
                send(events, Topics.TABLE_COMMITTED, "raw.sales_item", committed(lake, "raw.sales_item"));

                FilesWritten third = JsonMapper.shared().readValue(next(offers).value(), FilesWritten.class);
                assertThat(third.inputs().getFirst().from()).isEqualTo(-1);
                assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
                assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
                assertThat(get("/actuator/prometheus").body())
                        .contains("levada_transform_results_committed_total{table=\"curated.counted\"} 1.0");
                assertThat(get("/nothing").headers().firstValue("content-type")).hasValue("application/problem+json");
            }
        }
    }

    private ConfigurableApplicationContext start(EmbeddedKafka kafka, TestLake lake) {
        PipelineDefinition definition = new PipelineDefinition(
                directory,
                "test",
                LakeDefinition.DEFAULT,
                FlushPolicy.DEFAULT,
                Map.of("sales", new FileSource("sales", directory, "csv", "raw.sales_item", Map.of())),
                Map.of(
                        CURATED,
                        new CuratedTable(
                                CURATED,
                                "SELECT count(*) AS n FROM raw.sales_item",
                                Set.of("raw.sales_item"),
                                List.of())),
                Map.of(),
                Map.of());
        return new SpringApplicationBuilder(TransformApplication.class)
                .properties("spring.config.name=transform")
                .initializers((ApplicationContextInitializer<GenericApplicationContext>) context -> {
                    context.registerBean(PipelineDefinition.class, () -> definition);
                    context.registerBean(LakeTables.class, () -> lake);
                    context.registerBean(TransformTiming.class, () -> ONLY_ON_EVENTS);
                })
                .run(
                        "--server.port=" + port,
                        "--levada.transform.data-directory=" + directory.resolve("data"),
                        "--levada.transform.kafka-bootstrap-servers=" + kafka.bootstrapServers(),
                        "--levada.transform.catalog-uri=http://127.0.0.1:1/iceberg",
                        "--levada.transform.lake-location=" + lake.layout().root());
    }

    private static void createTopics(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(Topics.control().stream()
                            .map(topic -> new NewTopic(topic, Optional.of(1), Optional.empty()))
                            .toList())
                    .all()
                    .get();
        }
    }

    private static KafkaConsumer<String, byte[]> consumer(EmbeddedKafka kafka) {
        KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(Topics.FILES_WRITTEN, 0)));
        return consumer;
    }

    private static KafkaProducer<String, byte[]> producer(EmbeddedKafka kafka) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static ConsumerRecord<String, byte[]> next(KafkaConsumer<String, byte[]> consumer) {
        return Eventually.within(BOUND, () -> consumer.poll(Duration.ofMillis(200)), records -> !records.isEmpty())
                .iterator()
                .next();
    }

    private static String header(ConsumerRecord<String, byte[]> message, String name) {
        return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static void commit(TestLake lake, KafkaProducer<String, byte[]> events, FilesWritten event)
            throws Exception {
        lake.commit(event);
        send(events, Topics.TABLE_COMMITTED, event.table(), committed(lake, event.table()));
    }

    private static TableCommitted committed(TestLake lake, String table) {
        long snapshot = lake.load(table).orElseThrow().currentSnapshot().snapshotId();
        return new TableCommitted(
                table, Layer.of(table), snapshot, null, null, 0, 0, 0, List.of(), Map.of(), Instant.now());
    }

    private static void send(KafkaProducer<String, byte[]> events, String topic, String key, Record event)
            throws Exception {
        events.send(new ProducerRecord<>(topic, key, JsonMapper.shared().writeValueAsBytes(event)))
                .get();
    }

    private JsonNode status() throws Exception {
        return JsonMapper.shared().readTree(get("/v1/status").body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
