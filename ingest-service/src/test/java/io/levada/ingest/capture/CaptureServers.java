package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.Topics;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeDecoder;
import io.levada.ingest.changes.RegistryOnLoopback;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.iceberg.data.Record;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// A real PostgreSQL and a real Kafka, started once for all tests of capture in this JVM. Each test has sources of its
/// own, in databases of their own, and what it started is closed after it.
public final class CaptureServers implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(30);

    private static final AtomicInteger SOURCES = new AtomicInteger();

    final EmbeddedPostgresServer postgres;
    final EmbeddedKafka kafka;
    final SchemaRegistry registry;
    private final RegistryOnLoopback registryServer;
    private final Path directory;
    private final List<PostgresCapture> captures = new ArrayList<>();

    private CaptureServers() throws IOException {
        directory = Files.createTempDirectory("capture");
        postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"));
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        registryServer = new RegistryOnLoopback();
        registry = new SchemaRegistry(registryServer.uri());
    }

    /// Gives the servers to a test class, as the parameter of its constructor.
    public static final class Shared implements ParameterResolver, AfterEachCallback {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CaptureServers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return servers(context);
        }

        @Override
        public void afterEach(ExtensionContext context) throws SQLException {
            servers(context).leaveNothingRunning();
        }

        private static CaptureServers servers(ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(CaptureServers.class))
                    .computeIfAbsent(CaptureServers.class, _ -> started(), CaptureServers.class);
        }

        private static CaptureServers started() {
            try {
                return new CaptureServers();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// A source in a new database.
    ///
    /// @param tables captured, in schema public
    PostgresSource source(List<String> tables, String... statements) throws SQLException {
        String name = "o" + SOURCES.incrementAndGet();
        postgres.createDatabase(name);
        postgres.execute(name, statements);
        return withTables(
                new PostgresSource(
                        name, postgres.url(name), postgres.user(), new Secret(postgres.password()), List.of()),
                tables);
    }

    /// The same source with other tables in its definition.
    static PostgresSource withTables(PostgresSource source, List<String> tables) {
        return new PostgresSource(
                source.name(),
                source.url(),
                source.user(),
                source.password(),
                tables.stream()
                        .map(table -> new SourceTable("public", table, table))
                        .toList(),
                source.logLimit(),
                source.load());
    }

    PostgresCapture capture(PostgresSource source, LoadFiles files) {
        return capture(source, files, new QuarantineCounts());
    }

    PostgresCapture capture(PostgresSource source, LoadFiles files, QuarantineCounts quarantined) {
        PostgresCapture capture = new PostgresCapture(
                "test",
                source,
                kafka.bootstrapServers(),
                topics(source),
                registry,
                files,
                quarantined,
                QuarantinePolicy.DEFAULT);
        captures.add(capture);
        capture.start();
        return capture;
    }

    private ChangeTopics topics(PostgresSource source) {
        return ChangeTopics.ensure(
                kafka.bootstrapServers(),
                Stream.concat(
                                source.tables().stream().map(table -> DatabaseCapture.topic(source, table)),
                                Stream.of(Topics.FILES_WRITTEN))
                        .toList(),
                List.of(Topics.sourcePositions(source.name())));
    }

    static void awaitState(PostgresCapture capture, String wanted) {
        Eventually.within(SOON, () -> capture.status().state(), wanted::equals);
    }

    /// The server notices a moment later that nobody reads from a slot any more.
    void closeCapturesAndFreeSlots() throws SQLException {
        closeCaptures();
        Eventually.within(
                SOON,
                () -> {
                    try (Connection connection = postgres.connect("postgres")) {
                        return PostgresServer.text(
                                connection, "SELECT count(*) FROM pg_replication_slots WHERE active");
                    }
                },
                active -> active.orElseThrow().equals("0"));
    }

    List<Change> awaitChanges(PostgresSource source, String table, int count) throws Exception {
        Eventually.within(SOON, () -> changes(source, table).size(), size -> size >= count);
        return changes(source, table);
    }

    List<Change> changes(PostgresSource source, String table) throws Exception {
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

    static List<Object> ids(List<Change> changes) {
        return changes.stream().map(change -> row(change).getField("id")).toList();
    }

    private static Record row(Change change) {
        return java.util.Objects.requireNonNull(change.after());
    }

    private List<byte[]> read(String topic) {
        List<byte[]> values = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        50),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(message -> values.add(message.value()));
            }
        }
        return values;
    }

    void closeCaptures() {
        captures.forEach(PostgresCapture::close);
        captures.clear();
    }

    private void leaveNothingRunning() throws SQLException {
        closeCapturesAndFreeSlots();
        postgres.execute(
                "postgres", "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
    }

    @Override
    public void close() {
        closeCaptures();
        registry.close();
        registryServer.close();
        kafka.close();
        postgres.close();
    }
}
