package io.levada.catalog.commit;

import io.levada.catalog.CatalogApplication;
import io.levada.catalog.CommitSteps;
import io.levada.definition.AccessTokens;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.events.FilesWritten;
import io.levada.events.PublishedPosition;
import io.levada.events.Topics;
import java.io.IOException;
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
import java.util.concurrent.Future;
import org.apache.iceberg.catalog.Catalog;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The whole service on a free port, as it runs in production.
final class RunningCatalog implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI base;

    private RunningCatalog(ConfigurableApplicationContext context) {
        this.context = context;
        this.base = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
    }

    /// With the embedded catalog, which everybody may ask.
    static RunningCatalog start(Path directory, String bootstrapServers, CommitSteps steps) {
        return start(directory, bootstrapServers, steps, CatalogDefinition.DEFAULT, AccessTokens.NONE);
    }

    static RunningCatalog start(
            Path directory,
            String bootstrapServers,
            CommitSteps steps,
            CatalogDefinition catalog,
            AccessTokens tokens) {
        PipelineDefinition definition = new PipelineDefinition(
                        directory,
                        "test",
                        LakeDefinition.DEFAULT,
                        new FlushPolicy(Duration.ofSeconds(5), 1 << 20),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of())
                .with(catalog, tokens);
        return start(directory, bootstrapServers, steps, definition);
    }

    static RunningCatalog start(
            Path directory, String bootstrapServers, CommitSteps steps, PipelineDefinition definition) {
        ApplicationContextInitializer<GenericApplicationContext> register = target -> {
            target.registerBean(CommitSteps.class, () -> steps);
            target.registerBean(PipelineDefinition.class, () -> definition);
        };
        return new RunningCatalog(new SpringApplicationBuilder(CatalogApplication.class)
                .initializers(register)
                .run(
                        "--spring.config.name=catalog",
                        "--server.port=0",
                        "--levada.catalog.data-directory=" + directory,
                        "--levada.catalog.lake-location=" + directory.resolve("lake"),
                        "--levada.catalog.kafka-bootstrap-servers=" + bootstrapServers));
    }

    /// The catalog as the committer has it.
    Catalog catalog() {
        return context.getBean(Catalog.class);
    }

    URI uri(String path) {
        return base.resolve(path);
    }

    HttpResponse<String> call(String method, String path, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    JsonNode json(String method, String path, String body) throws IOException, InterruptedException {
        return JSON.readTree(call(method, path, body).body());
    }

    JsonNode status() throws IOException, InterruptedException {
        return json("GET", "/v1/status", "");
    }

    static void send(String bootstrapServers, FilesWritten... events) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "test"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (FilesWritten event : events) {
                Future<RecordMetadata> _ = producer.send(new ProducerRecord<>(
                        Topics.FILES_WRITTEN,
                        event.table().getBytes(StandardCharsets.UTF_8),
                        JSON.writeValueAsBytes(event)));
            }
            producer.commitTransaction();
        }
    }

    /// As capture does, in a transaction; the topic is made where it is missing.
    static void publish(String bootstrapServers, PublishedPosition position) {
        String topic = Topics.sourcePositions(position.source());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                    .values()
                    .values()
                    .iterator()
                    .next()
                    .toCompletionStage()
                    .exceptionally(_ -> null)
                    .toCompletableFuture()
                    .join();
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "test-positions"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            Future<RecordMetadata> _ = producer.send(new ProducerRecord<>(
                    topic, PublishedPosition.KEY.getBytes(StandardCharsets.UTF_8), JSON.writeValueAsBytes(position)));
            producer.commitTransaction();
        }
    }

    /// All records of a topic up to its present end.
    static List<ConsumerRecord<byte[], byte[]>> read(String bootstrapServers, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            return records;
        }
    }

    static <T> List<T> events(String bootstrapServers, String topic, String table, Class<T> type) {
        return read(bootstrapServers, topic).stream()
                .filter(message -> new String(message.key(), StandardCharsets.UTF_8).equals(table))
                .map(message -> JSON.readValue(message.value(), type))
                .toList();
    }

    @Override
    public void close() {
        context.close();
        http.close();
    }
}
