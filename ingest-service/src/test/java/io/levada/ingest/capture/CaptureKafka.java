package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.events.Topics;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeDecoder;
import io.levada.ingest.changes.RegistryOnLoopback;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real Kafka and a registry, for tests of capture: starts captures, and reads what they published.
public final class CaptureKafka implements AutoCloseable {
    public static final String PROJECT = "test";

    private static final Duration SOON = Eventually.PATIENCE;
    private static final Set<String> STARTED = Set.of("STREAMING", "LOADING", "STOPPED", "PAUSED");

    private final EmbeddedKafka kafka;
    private final RegistryOnLoopback registryServer;
    private final SchemaRegistry registry;
    private final List<SourceCapture> captures = new ArrayList<>();

    private CaptureKafka(EmbeddedKafka kafka) throws IOException {
        this.kafka = kafka;
        this.registryServer = new RegistryOnLoopback();
        this.registry = new SchemaRegistry(registryServer.uri());
    }

    public static CaptureKafka start(Path directory) throws IOException {
        return new CaptureKafka(EmbeddedKafka.start(directory));
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public SchemaRegistry registry() {
        return registry;
    }

    /// Starts to capture a source.
    public SourceCapture capture(DatabaseCapture database) {
        return capture(database, new QuarantineCounts());
    }

    public SourceCapture capture(DatabaseCapture database, QuarantineCounts quarantined) {
        SourceCapture capture = new SourceCapture(
                new SourceCapture.Settings(
                        PROJECT,
                        bootstrapServers(),
                        claim(database.source()),
                        topics(database.source()),
                        QuarantinePolicy.DEFAULT),
                database,
                quarantined);
        captures.add(capture);
        capture.start();
        return capture;
    }

    /// Starts to capture a source, and returns once it does, or has found a reason not to.
    public SourceCapture captureNow(DatabaseCapture database) {
        SourceCapture capture = capture(database);
        Eventually.within(SOON, () -> capture.status().state(), STARTED::contains);
        return capture;
    }

    /// Takes a source over as a new process does: captures that were started before stop at their next trouble.
    public Incarnation claim(DatabaseSource source) {
        return Incarnation.begin(bootstrapServers(), List.of(Incarnation.source(PROJECT, source.name())));
    }

    public ChangeTopics topics(DatabaseSource source) {
        return ChangeTopics.ensure(
                bootstrapServers(),
                Stream.concat(
                                source.tables().stream().map(table -> SourceCapture.topic(source, table)),
                                Stream.of(Topics.FILES_WRITTEN))
                        .toList(),
                List.of(Topics.sourcePositions(source.name())));
    }

    public void closeCaptures() {
        captures.forEach(SourceCapture::close);
        captures.clear();
    }

    /// Opens what is stored of a source as a successor would, which fences its capture.
    public SourceLog open(DatabaseSource source) {
        claim(source);
        return openLate(source);
    }

    /// Opens what is stored of a source as a predecessor does that was held up between its look for a successor and
    /// the opening: its capture is fenced once.
    public SourceLog openLate(DatabaseSource source) {
        return SourceLog.open(bootstrapServers(), PROJECT, source.name());
    }

    /// What a successor would go on from; reading it fences the source's capture.
    public CapturePosition storedPosition(DatabaseSource source) {
        try (SourceLog log = open(source)) {
            return log.position().orElseThrow();
        }
    }

    /// The committed changes of a table, once there are so many.
    public List<Change> awaitChanges(DatabaseSource source, String table, int count) throws IOException {
        Eventually.within(SOON, () -> end(source, table), end -> end > count);
        return Eventually.within(SOON, () -> changes(source, table), all -> all.size() >= count);
    }

    public List<Change> changes(DatabaseSource source, String table) throws IOException {
        List<Change> changes = new ArrayList<>();
        Map<Integer, ChangeDecoder> decoders = new HashMap<>();
        for (byte[] message : read(Topics.changes(source.name(), table))) {
            int id = ByteBuffer.wrap(message, 1, 4).getInt();
            if (!decoders.containsKey(id)) {
                decoders.put(id, new ChangeDecoder(registry.schema(id).orElseThrow()));
            }
            changes.add(decoders.get(id).decode(message));
        }
        return changes;
    }

    /// Waits until others read how far a table's change topic completes it: after a new load they do without a further
    /// change.
    public void awaitPublishedEnd(DatabaseSource source, String table) {
        String topic = Topics.changes(source.name(), table);
        Eventually.within(
                SOON, () -> publishedEnd(source, topic), end -> end.isPresent() && end.getAsLong() < Long.MAX_VALUE);
    }

    private OptionalLong publishedEnd(DatabaseSource source, String topic) {
        OptionalLong end = OptionalLong.empty();
        for (byte[] value : read(Topics.sourcePositions(source.name()))) {
            JsonNode entry = JsonMapper.shared().readTree(value);
            if (entry.has("order") && entry.path("ends").has(topic)) {
                end = OptionalLong.of(entry.path("ends").path(topic).asLong());
            }
        }
        return end;
    }

    /// The end of a table's change topic; each transaction has a marker beside its changes.
    public long end(DatabaseSource source, String table) {
        TopicPartition partition = new TopicPartition(Topics.changes(source.name(), table), 0);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        }
    }

    /// The committed records of a topic.
    public List<byte[]> read(String topic) {
        List<byte[]> values = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(message -> values.add(message.value()));
            }
        }
        return values;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "max.poll.records",
                        50_000,
                        "fetch.max.wait.ms",
                        50),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        closeCaptures();
        registry.close();
        registryServer.close();
        kafka.close();
    }
}
