package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.NamedQuery;
import io.levada.definition.PipelineDefinition;
import io.levada.events.QueryCompleted;
import io.levada.events.Topics;
import io.levada.query.QueryApplication;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.json.JsonMapper;

final class QueryCompletedIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void publishesEveryQueryOnceItEnded() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"));
                LocalLake lake = new LocalLake(directory.resolve("lake"))) {
            lake.create("curated.sales", new Schema(Types.NestedField.optional(1, "id", Types.LongType.get())));
            lake.append("curated.sales", List.of(List.of(1L), List.of(2L)));
            try (ConfigurableApplicationContext context = run(kafka, lake)) {
                String base = "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
                assertThat(call(HttpRequest.newBuilder(URI.create(base + "/api/all_sales")))
                                .statusCode())
                        .isEqualTo(200);
                assertThat(call(HttpRequest.newBuilder(URI.create(base + "/v1/queries"))
                                        .POST(HttpRequest.BodyPublishers.ofString(
                                                JSON.writeValueAsString(Map.of("sql", "SELECT error('no')")))))
                                .statusCode())
                        .isEqualTo(400);

                List<ConsumerRecord<byte[], byte[]>> records =
                        Eventually.within(BOUND, () -> read(kafka), found -> found.size() == 2);

                QueryCompleted named = JSON.readValue(records.getFirst().value(), QueryCompleted.class);
                assertThat(named.query()).isEqualTo("all_sales");
                assertThat(named.state()).isEqualTo("SUCCEEDED");
                assertThat(named.rows()).isEqualTo(2);
                assertThat(named.scannedBytes()).isPositive();
                assertThat(named.snapshots())
                        .isEqualTo(Map.of(
                                "curated.sales",
                                lake.load("curated.sales")
                                        .orElseThrow()
                                        .currentSnapshot()
                                        .snapshotId()));
                QueryCompleted failed = JSON.readValue(records.getLast().value(), QueryCompleted.class);
                assertThat(failed.query()).isNull();
                assertThat(failed.state()).isEqualTo("FAILED");
                assertThat(header(records.getFirst(), "ce_type")).isEqualTo("io.levada.QueryCompleted");
                assertThat(header(records.getFirst(), "ce_source")).isEqualTo("/levada/query");
                assertThat(header(records.getFirst(), "ce_id")).isEqualTo(named.runId());
                assertThat(header(records.getFirst(), "ce_subject")).isEqualTo("all_sales");
            }
            assertKeptForever(kafka);
        }
    }

    private static void assertKeptForever(EmbeddedKafka kafka) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.QUERY_COMPLETED);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            assertThat(admin.describeConfigs(List.of(topic))
                            .all()
                            .get()
                            .values()
                            .iterator()
                            .next()
                            .get("retention.ms")
                            .value())
                    .isEqualTo("-1");
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
        return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private HttpResponse<String> call(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private ConfigurableApplicationContext run(EmbeddedKafka kafka, LocalLake lake) {
        String closed = "http://127.0.0.1:" + FreePorts.one();
        return new SpringApplicationBuilder(QueryApplication.class)
                .properties(
                        "spring.config.name=query",
                        "levada.query.data-directory=" + directory.resolve("data"),
                        "levada.query.lake-location=" + lake.root(),
                        "levada.query.kafka-bootstrap-servers=" + kafka.bootstrapServers(),
                        "levada.query.catalog-uri=" + closed + "/iceberg",
                        "levada.query.ingest-url=" + closed,
                        "levada.query.catalog-url=" + closed,
                        "levada.query.transform-url=" + closed,
                        "levada.query.warehouse-url=" + closed)
                .initializers((GenericApplicationContext c) -> {
                    c.registerBean(PipelineDefinition.class, this::definition);
                    c.registerBean(Lake.class, () -> new TestLake(lake), bean -> bean.setDestroyMethodName(""));
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
                Map.of(
                        "all_sales",
                        new NamedQuery("all_sales", "SELECT id FROM curated.sales", Set.of("curated.sales"))),
                Map.of());
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(EmbeddedKafka kafka) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        TopicPartition partition = new TopicPartition(Topics.QUERY_COMPLETED, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            if (!consumer.listTopics().containsKey(Topics.QUERY_COMPLETED)) {
                return records;
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }
}
