package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ChangedFiles;
import io.levada.definition.CsvSettings;
import io.levada.definition.FilePlace;
import io.levada.definition.FileSource;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.QuarantinePolicy;
import io.levada.events.Cause;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeLayout;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Sources of files over a Kafka of their own, and what they offered.
abstract class FileSourcesFixture {
    static final Duration BOUND = Eventually.PATIENCE;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    @TempDir
    static Path kafkaDirectory = Path.of("unset");

    private static @Nullable EmbeddedKafka kafka;

    @TempDir
    Path directory = Path.of("unset");

    final Tables tables = new LocalTables();
    final List<FileSources> started = new ArrayList<>();
    ChangedFiles changedFiles = ChangedFiles.REFUSE;
    String name = "unset";
    Path folder = Path.of("unset");

    @Nullable
    FilePlace place;

    CsvSettings csv = CsvSettings.DEFAULT;
    QuarantinePolicy quarantine = QuarantinePolicy.DEFAULT;

    @BeforeAll
    static void startKafka() {
        kafka = EmbeddedKafka.start(kafkaDirectory);
    }

    @AfterAll
    static void stopKafka() {
        if (kafka != null) {
            kafka.close();
        }
    }

    @BeforeEach
    void nameASource() {
        name = "source" + SOURCES.incrementAndGet();
        folder = directory.resolve("inbox");
    }

    @AfterEach
    void stop() {
        started.forEach(FileSources::close);
    }

    static String bootstrapServers() {
        if (kafka == null) {
            throw new IllegalStateException("Kafka is not started");
        }
        return kafka.bootstrapServers();
    }

    static Map<String, Object> kafkaSettings() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    FileSources start() {
        return start(LandingSteps.NONE);
    }

    FileSources start(LandingSteps steps) {
        return start(steps, tables);
    }

    FileSources start(LandingSteps steps, Tables lake) {
        FileSettings defaults = FileSettings.of(
                Incarnation.begin(bootstrapServers(), List.of(Incarnation.files("test"))),
                "test",
                directory.resolve("data"),
                kafkaSettings(),
                new LakeLayout(directory.resolve("lake").toString()),
                quarantine);
        FileSettings settings = new FileSettings(
                defaults.incarnation(),
                defaults.project(),
                defaults.dataDirectory(),
                defaults.kafka(),
                defaults.layout(),
                Duration.ofMillis(50),
                defaults.quarantine(),
                defaults.maxRecordBytes(),
                defaults.partBytes(),
                Duration.ofSeconds(1));
        FileSources sources = new FileSources(settings, List.of(source()), lake, steps, new QuarantineCounts());
        started.add(sources);
        sources.start();
        return sources;
    }

    FileSource source() {
        return new FileSource(
                name,
                place == null ? new FilePlace.Folder(folder) : place,
                "csv",
                table(),
                Map.of(),
                csv,
                changedFiles,
                OnSchemaChange.EVOLVE);
    }

    String table() {
        return "raw." + name + "_data";
    }

    void put(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static FileSourceStatus status(FileSources sources) {
        return sources.statuses().getFirst();
    }

    static void awaitLanded(FileSources sources, long files) {
        Eventually.within(BOUND, () -> assertThat(status(sources).landed()).isEqualTo(files));
    }

    /// What this test's source offered, read as the committer reads it.
    List<FilesWritten> offered() {
        Map<String, Object> settings = new java.util.HashMap<>(kafkaSettings());
        settings.put("isolation.level", "read_committed");
        TopicPartition partition = new TopicPartition(Topics.FILES_WRITTEN, 0);
        JsonMapper json = JsonMapper.builder().build();
        List<FilesWritten> events = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = endWithOpenTransactions(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    FilesWritten event = json.readValue(record.value(), FilesWritten.class);
                    assertThat(record.key()).isEqualTo(event.table());
                    assertThat(new String(
                                    record.headers().lastHeader("ce_id").value(),
                                    java.nio.charset.StandardCharsets.UTF_8))
                            .isEqualTo(event.id());
                    if (event.file() != null && event.file().source().equals(name)) {
                        events.add(event);
                    }
                }
            }
        }
        return events;
    }

    /// A transaction may be committed a moment before its marker is there.
    static long endWithOpenTransactions(TopicPartition partition) {
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(kafkaSettings(), new StringDeserializer(), new ByteArrayDeserializer())) {
            return Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
        }
    }

    List<FilesWritten> rows() {
        return offered().stream().filter(event -> event.cause() == Cause.FILE).toList();
    }

    static FileIdentity file(FilesWritten event) {
        return Objects.requireNonNull(event.file());
    }

    static List<Long> numbers(List<FilesWritten> events) {
        return events.stream().map(event -> file(event).number()).toList();
    }
}
