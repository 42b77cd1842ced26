package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ChangedFiles;
import io.levada.definition.CsvSettings;
import io.levada.definition.FilePlace;
import io.levada.definition.FileSource;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.S3Notifications;
import io.levada.definition.S3Settings;
import io.levada.events.Cause;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeLayout;
import io.levada.lake.TableSpec;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.EmbeddedSqsServer;
import io.levada.testing.Eventually;
import io.levada.testing.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.Table;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.json.JsonMapper;

class FileSourcesIT {
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    @TempDir
    static Path kafkaDirectory = Path.of("unset");

    private static @Nullable EmbeddedKafka kafka;

    @TempDir
    Path directory = Path.of("unset");

    private final Tables tables = new LocalTables();
    private final List<FileSources> started = new ArrayList<>();
    private ChangedFiles changedFiles = ChangedFiles.REFUSE;
    private String name = "unset";
    private Path folder = Path.of("unset");
    private @Nullable FilePlace place;
    private CsvSettings csv = CsvSettings.DEFAULT;
    private QuarantinePolicy quarantine = QuarantinePolicy.DEFAULT;
    private int quarantinesCommitted;

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

    private static String bootstrapServers() {
        if (kafka == null) {
            throw new IllegalStateException("Kafka is not started");
        }
        return kafka.bootstrapServers();
    }

    private static Map<String, Object> kafkaSettings() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    private FileSources start() {
        return start(LandingSteps.NONE);
    }

    private FileSources start(LandingSteps steps) {
        return start(steps, tables);
    }

    private FileSources start(LandingSteps steps, Tables lake) {
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

    private FileSource source() {
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

    private String table() {
        return "raw." + name + "_data";
    }

    private void put(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileSourceStatus status(FileSources sources) {
        return sources.statuses().getFirst();
    }

    private static void awaitLanded(FileSources sources, long files) {
        Eventually.within(BOUND, () -> assertThat(status(sources).landed()).isEqualTo(files));
    }

    /// What this test's source offered, read as the committer reads it.
    private List<FilesWritten> offered() {
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
    private static long endWithOpenTransactions(TopicPartition partition) {
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(kafkaSettings(), new StringDeserializer(), new ByteArrayDeserializer())) {
            return Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
        }
    }

    /// Commits what was offered to quarantine since the last time, as the committer does.
    private void commitQuarantine() {
        List<FilesWritten> events = offered().stream()
                .filter(event -> event.cause() == Cause.QUARANTINE)
                .toList();
        Table quarantine = tables.load("raw.quarantine").orElseThrow();
        AppendFiles append = quarantine.newAppend();
        events.stream()
                .skip(quarantinesCommitted)
                .flatMap(event -> event.files().stream())
                .forEach(file -> append.appendFile(DataFiles.builder(quarantine.spec())
                        .withPath(file.path())
                        .withFileSizeInBytes(file.bytes())
                        .withRecordCount(file.rows())
                        .withPartitionPath(file.partition())
                        .build()));
        append.commit();
        quarantinesCommitted = events.size();
    }

    private List<FilesWritten> rows() {
        return offered().stream().filter(event -> event.cause() == Cause.FILE).toList();
    }

    private static FileIdentity file(FilesWritten event) {
        return Objects.requireNonNull(event.file());
    }

    private static List<Long> numbers(List<FilesWritten> events) {
        return events.stream().map(event -> file(event).number()).toList();
    }

    @Test
    void takesFilesOnceInOrderAndGoesOnAfterARestart() throws Exception {
        put("b.csv", "id,name\n2,b\n");
        put("sub/c.csv", "id,name\n3,c\n");
        put("a.csv", "id,name\n1,a\n");
        put("ignored.csv.part", "id,name\n9,x\n");
        put(".hidden/x.csv", "id,name\n9,x\n");
        FileSources first = start();
        awaitLanded(first, 3);
        Eventually.within(
                BOUND, () -> assertThat(first.atStart()).isEqualTo(new FilesAtStart(true, Map.of(table(), 3L))));
        first.close();
        put("d.csv", "id,name\n4,d\n");

        FileSources second = start();
        awaitLanded(second, 4);
        put("copy-of-a.csv", "id,name\n1,a\n");
        awaitLanded(second, 5);

        List<FilesWritten> rows = rows();
        assertThat(numbers(rows)).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(rows.stream().map(event -> file(event).path()))
                .containsExactly("a.csv", "b.csv", "sub/c.csv", "d.csv", "copy-of-a.csv");
        assertThat(ParquetRows.query(rows, "SELECT id, name, _file FROM t ORDER BY _pos"))
                .containsExactly("1|a|a.csv", "2|b|b.csv", "3|c|sub/c.csv", "4|d|d.csv", "1|a|copy-of-a.csv");
        assertThat(status(second)).satisfies(status -> {
            assertThat(status.state()).isEqualTo(FileSourceStatus.State.WATCHING);
            assertThat(status.seen()).isEqualTo(5);
            assertThat(status.arrived()).isEqualTo(5);
            assertThat(status.lastError()).isNull();
        });
        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            assertThat(spooled).isEmpty();
        }
    }

    @Test
    void offersQuarantinedRecordsFirstInTheSameRun() throws Exception {
        put("a.csv", "id,price\n1,2.5\n2\n3,1.0\n");
        FileSources sources = start();
        awaitLanded(sources, 1);
        put("b.csv", "id,price\nx,1.0\n4,1.5\n");
        put("c.csv", "not\u0000csv");
        awaitLanded(sources, 3);

        List<FilesWritten> events = offered();

        assertThat(events.stream().map(FilesWritten::cause))
                .containsExactly(
                        Cause.QUARANTINE, Cause.FILE, Cause.QUARANTINE, Cause.FILE, Cause.QUARANTINE, Cause.FILE);
        assertThat(events.get(0).file()).isEqualTo(events.get(1).file());
        assertThat(ParquetRows.query(rows().subList(0, 2), "SELECT id, price FROM t ORDER BY _pos"))
                .containsExactly("1|2.5", "3|1.0", "4|1.5");
        assertThat(ParquetRows.query(
                        events.stream()
                                .filter(event -> event.cause() == Cause.QUARANTINE)
                                .toList(),
                        "SELECT file, line, code FROM t ORDER BY position"))
                .containsExactly("a.csv|2|FILES-FIELD-COUNT", "b.csv|1|FILES-BAD-VALUE", "c.csv|null|FILES-NOT-CSV");
        assertThat(status(sources).quarantinedRows()).isEqualTo(2);
        assertThat(status(sources).quarantinedFiles()).isEqualTo(1);
    }

    @Test
    void takesQuarantinedRecordsInAgainOnceAfterTheSettingsWereMended() throws Exception {
        put("first.csv", "id,price\n9,1.5\n");
        FileSources first = start();
        awaitLanded(first, 1);
        put("a.csv", "id,price\n1,2.5\n2,\\N\n3,1.0\n4,x\n");
        put("whole.csv", "id;price\n7;\\N\n\u0000");
        awaitLanded(first, 3);
        commitQuarantine();
        first.close();
        csv = new CsvSettings(null, '"', null, List.of(), "\\N", null);
        FileSources second = start();

        String answer = second.replay(name).orElseThrow().get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitLanded(second, 5);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(5));
        commitQuarantine();
        second.replay(name).orElseThrow().get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitLanded(second, 7);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(7));
        commitQuarantine();

        assertThat(answer).isEqualTo("Of " + table() + " the quarantined records of 2 files are taken in again");
        assertThat(ParquetRows.query(rows(), "SELECT _file, id, price, _line FROM t ORDER BY _pos"))
                .containsExactly("first.csv|9|1.5|1", "a.csv|1|2.5|1", "a.csv|3|1.0|3", "a.csv|2|null|2");
        assertThat(new QuarantinedRecords(tables, engine()).open(name, table()))
                .extracting(QuarantinedRecords.InQuarantine::number)
                .containsExactly(6L, 7L);
        assertThat(second.statuses().getFirst().quarantinedRows()).isEqualTo(2);
    }

    @Test
    void stopsAboveTheRateUntilAnOperatorLetsItGoOn() throws Exception {
        quarantine = new QuarantinePolicy(2, 4);
        put("a.csv", "id,price\n1,1.5\n2\n3\n");
        FileSources first = start();
        awaitLanded(first, 1);
        put("b.csv", "id,price\n4\n5,2.5\n");
        Eventually.within(BOUND, () -> assertThat(status(first).state()).isEqualTo(FileSourceStatus.State.PAUSED));
        assertThat(status(first).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("CAPTURE-QUARANTINE-RATE"));
        first.close();
        put("c.csv", "id,price\n6,3.5\n");
        FileSources second = start();
        Eventually.within(BOUND, () -> assertThat(status(second).state()).isEqualTo(FileSourceStatus.State.PAUSED));
        assertThat(status(second).arrived()).isEqualTo(2);

        second.resume(name);

        awaitLanded(second, 3);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "5", "6");
        Eventually.within(BOUND, () -> assertThat(status(second).lastError()).isNull());
    }

    private FileEngine engine() {
        return new FileEngine(
                directory.resolve("scratch"),
                new LakeLayout(directory.resolve("lake").toString()),
                List.of());
    }

    @Test
    void refusesNewContentUnderAKnownPath() throws Exception {
        put("a.csv", "id\n1\n");
        FileSources sources = start();
        awaitLanded(sources, 1);
        put("a.csv", "id\n1\n2\n");

        Eventually.within(BOUND, () -> assertThat(status(sources).refused()).isEqualTo(1));

        assertThat(status(sources).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-CHANGED"));
        put("b.csv", "id\n3\n");
        awaitLanded(sources, 2);
        assertThat(rows()).hasSize(2);
        put("a.csv", "id\n1\n");
        Eventually.within(BOUND, () -> assertThat(status(sources).refused()).isZero());
        assertThat(status(sources).lastError()).isNull();
    }

    @Test
    void appendsNewContentUnderAKnownPathOnce() throws Exception {
        changedFiles = ChangedFiles.APPEND;
        put("a.csv", "id\n1\n");
        FileSources sources = start(LandingSteps.NONE);
        awaitLanded(sources, 1);
        put("a.csv", "id\n1\n2\n");
        awaitLanded(sources, 2);

        put("a.csv", "id\n1\n");
        put("b.csv", "id\n9\n");
        awaitLanded(sources, 3);

        assertThat(ParquetRows.query(rows(), "SELECT _file, id FROM t ORDER BY _pos"))
                .containsExactly("a.csv|1", "a.csv|1", "a.csv|2", "b.csv|9");
        assertThat(sources.statuses().getFirst().refused()).isZero();
    }

    @Test
    void beginsAVersionThatReplacesAnotherWithARowThatVoidsIt() throws Exception {
        changedFiles = ChangedFiles.REPLACE;
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n5\n");
        FileSources first = start();
        awaitLanded(first, 2);
        put("a.csv", "id\n2\n3\n");
        awaitLanded(first, 3);
        first.close();
        FileSources second = start();
        put("a.csv", "");
        awaitLanded(second, 4);
        put("a.csv", "id\n1\n");
        awaitLanded(second, 5);
        put("a.csv", "not\u0000csv");
        awaitLanded(second, 6);

        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(6));

        assertThat(ParquetRows.query(rows(), "SELECT _file, _op, id, _line FROM t ORDER BY _pos"))
                .containsExactly(
                        "a.csv|c|1|1",
                        "b.csv|c|5|1",
                        "a.csv|d|null|null",
                        "a.csv|c|2|1",
                        "a.csv|c|3|2",
                        "a.csv|d|null|null",
                        "a.csv|d|null|null",
                        "a.csv|c|1|1");
        assertThat(status(second).refused()).isZero();
    }

    @Test
    void waitsForAFolderThatIsMissing() throws Exception {
        FileSources sources = start();
        Eventually.within(BOUND, () -> assertThat(status(sources).state()).isEqualTo(FileSourceStatus.State.MISSING));
        assertThat(sources.atStart().complete()).isFalse();

        put("a.csv", "id\n1\n");

        awaitLanded(sources, 1);
        assertThat(status(sources).lastError()).isNull();
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesObjectsOfAPrefixOnceAndReadsThemOnce() throws Exception {
        changedFiles = ChangedFiles.APPEND;
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start()) {
            place = new FilePlace.S3Prefix(
                    "shop", "daily/", new S3Settings(s3.endpoint(), null, true), Duration.ofMillis(50));
            FileSources first = start();
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(first).lastError())
                            .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-BUCKET-MISSING")));
            s3.createBucket("shop");
            s3.put("shop", "daily/a.csv", "id,name\n1,a\n");
            s3.put("shop", "daily/sub/b.csv", "id,name\n2,b\n");
            awaitLanded(first, 2);
            assertThat(status(first).lastError()).isNull();
            first.close();
            int downloads = s3.downloads();

            FileSources second = start();
            Eventually.within(
                    BOUND, () -> assertThat(second.atStart().complete()).isTrue());
            int downloadsOfKnown = s3.downloads() - downloads;
            s3.put("shop", "daily/a.csv", "id,name\n1,a\n3,c\n");
            awaitLanded(second, 3);

            assertThat(downloadsOfKnown).isZero();
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
            assertThat(ParquetRows.query(rows(), "SELECT id, name, _file FROM t ORDER BY _pos"))
                    .containsExactly("1|a|a.csv", "2|b|sub/b.csv", "1|a|a.csv", "3|c|a.csv");
            assertThat(status(second).folder()).isEqualTo("s3://shop/daily/");
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    /// Listed every 50 ms, and once an hour while the queue is heard.
    private static FilePlace told(EmbeddedS3Server s3, EmbeddedSqsServer sqs) {
        return new FilePlace.S3Prefix(
                "shop",
                "daily/",
                new S3Settings(s3.endpoint(), null, true),
                Duration.ofMillis(50),
                new S3Notifications(sqs.queue("told"), Duration.ofHours(1)));
    }

    private static void awaitEmpty(EmbeddedSqsServer sqs) {
        Eventually.within(BOUND, () -> assertThat(sqs.messages("told")).isZero());
    }

    /// Once a message was taken, the next listing is an hour away.
    private static void awaitHeard(EmbeddedSqsServer sqs) {
        sqs.send("told", "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"shop\"}");
        awaitEmpty(sqs);
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesWhatAQueueNamesLongBeforeTheNextListing() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start();
                EmbeddedSqsServer sqs = EmbeddedSqsServer.start()) {
            s3.createBucket("shop");
            place = told(s3, sqs);
            FileSources sources = start();
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(sources).lastError())
                            .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-QUEUE-MISSING")));
            s3.put("shop", "daily/a.csv", "id\n1\n");
            awaitLanded(sources, 1);

            sqs.createQueue("told");
            awaitHeard(sqs);
            assertThat(status(sources).lastError()).isNull();
            s3.put("shop", "daily/unnamed.csv", "id\n3\n");
            s3.put("shop", "daily/b +m\u00eas.csv", "id\n2\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b+%2Bm%C3%AAs.csv"));
            awaitLanded(sources, 2);
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b+%2Bm%C3%AAs.csv"));
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/gone.csv"));
            awaitEmpty(sqs);
            sqs.send("told", ObjectNotificationTest.s3("shop", "nightly/a.csv"));
            sqs.send("told", "hello");
            Eventually.within(
                    BOUND,
                    () -> assertThat(status(sources).queue())
                            .satisfies(queue -> assertThat(queue.strange()).isEqualTo(2)));
            assertThat(status(sources).lastError())
                    .satisfies(error -> assertThat(error.code()).startsWith("FILES-NOTIFICATION-"));
            assertThat(status(sources).landed()).isEqualTo(2);
            sqs.send("told", ObjectNotificationTest.eventBridge("shop", "daily/unnamed.csv"));
            awaitLanded(sources, 3);

            Eventually.within(BOUND, () -> assertThat(sqs.messages("told")).isEqualTo(2));
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));
            assertThat(ParquetRows.query(rows(), "SELECT id, _file FROM t ORDER BY _pos"))
                    .containsExactly("1|a.csv", "2|b +m\u00eas.csv", "3|unnamed.csv");
            assertThat(status(sources).seen()).isEqualTo(3);
            sources.close();
        } finally {
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    /// As SIGSTOP would, between the announcement of a file and the deletion of the message that named it.
    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void takesANamedFileOnceThoughAPausedProcessWakesBesideItsSuccessor() throws Exception {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        CountDownLatch announced = new CountDownLatch(1);
        CountDownLatch woken = new CountDownLatch(1);
        try (EmbeddedS3Server s3 = EmbeddedS3Server.start();
                EmbeddedSqsServer sqs = EmbeddedSqsServer.start()) {
            s3.createBucket("shop");
            sqs.createQueue("told");
            place = told(s3, sqs);
            FileSources paused = start((step, _) -> {
                if (step == LandingStep.FILE_ANNOUNCED) {
                    announced.countDown();
                    Eventually.within(BOUND, () -> assertThat(woken.getCount()).isZero());
                }
            });
            awaitHeard(sqs);
            s3.put("shop", "daily/a.csv", "id\n1\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/a.csv"));
            assertThat(announced.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
            int kept = sqs.messages("told");

            FileSources successor = start();
            awaitLanded(successor, 1);
            awaitEmpty(sqs);
            woken.countDown();
            s3.put("shop", "daily/b.csv", "id\n2\n");
            sqs.send("told", ObjectNotificationTest.s3("shop", "daily/b.csv"));
            awaitLanded(successor, 2);

            awaitEmpty(sqs);
            assertThat(kept).isEqualTo(1);
            Eventually.within(BOUND, () -> assertThat(rows()).hasSize(2));
            assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos"))
                    .containsExactly("1", "2");
            assertThat(status(paused).arrived()).isLessThanOrEqualTo(1);
            started.forEach(FileSources::close);
        } finally {
            woken.countDown();
            System.clearProperty("aws.accessKeyId");
            System.clearProperty("aws.secretAccessKey");
        }
    }

    @Test
    void offersAFileOnceWhereverLandingFails() throws Exception {
        AtomicInteger reached = new AtomicInteger();
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n2\n");
        LandingSteps failing = (step, table) -> {
            if (isBeforeLanding(step)) {
                return;
            }
            int call = reached.incrementAndGet();
            if (call <= 2 || step == LandingStep.AFTER_TRANSACTION && call <= 6) {
                throw new IllegalStateException("Stopped at " + step + " of " + table);
            }
        };

        FileSources sources = start(failing);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(2));
        put("c.csv", "id\n3\n");
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));

        assertThat(numbers(rows())).containsExactly(1L, 2L, 3L);
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "2", "3");
        assertThat(reached.get()).isGreaterThan(6);
        assertThat(sources.statuses()).hasSize(1);
    }

    /// Both go on living: what is taken once must not depend on the older one's end.
    @Test
    void leavesTheFolderToANewerProcess() throws Exception {
        put("a.csv", "id\n1\n");
        FileSources older = start();
        awaitLanded(older, 1);

        FileSources newer = start();
        awaitLanded(newer, 1);
        for (int id = 2; id <= 4; id++) {
            put(id + ".csv", "id\n" + id + "\n");
            awaitLanded(newer, id);
        }

        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.FENCED));
        assertThat(status(older).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("INGEST-FENCED"));
        assertThat(status(newer).state()).isEqualTo(FileSourceStatus.State.WATCHING);
        assertThat(numbers(rows())).containsExactly(1L, 2L, 3L, 4L);
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "2", "3", "4");
    }

    /// A newer process clears the spool, so the older one may fail before it comes to ask Kafka.
    @Test
    void leavesTheFolderToANewerProcessThoughItFailsOnTheWay() throws Exception {
        Unsteady unsteady = new Unsteady();
        unsteady.away = true;
        put("a.csv", "id\n1\n");
        FileSources older = start(LandingSteps.NONE, unsteady);
        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.RETRYING));

        FileSources newer = start();
        awaitLanded(newer, 1);

        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.FENCED));
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t")).containsExactly("1");
    }

    @Test
    void copiesAgainWhatWasTakenFromTheSpoolBeforeItIsAnnounced() throws Exception {
        Unsteady unsteady = new Unsteady();
        unsteady.away = true;
        put("a.csv", "id\n1\n");
        FileSources sources = start(LandingSteps.NONE, unsteady);
        Eventually.within(BOUND, () -> assertThat(status(sources).state()).isEqualTo(FileSourceStatus.State.RETRYING));

        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            assertThat(spooled).singleElement().satisfies(Files::delete);
        }
        unsteady.away = false;
        awaitLanded(sources, 1);

        assertThat(ParquetRows.query(rows(), "SELECT id FROM t")).containsExactly("1");
    }

    /// The lake's tables, behind a catalog that does not always answer.
    private final class Unsteady implements Tables {
        private volatile boolean away;

        @Override
        public Optional<Table> load(String table) {
            return tables.load(table);
        }

        @Override
        public Table createOrEvolve(TableSpec spec) {
            if (away) {
                throw new IllegalStateException("The catalog is away");
            }
            return tables.createOrEvolve(spec);
        }
    }

    @Test
    void announcesACopyThatItMadeAheadOnlyWhereTheFileStaysAsItWas() throws Exception {
        for (String path : List.of("changes.csv", "stays.csv")) {
            put(path, "id\n1\n" + path + "\n");
            Files.setLastModifiedTime(
                    folder.resolve(path), FileTime.from(Instant.now().minusSeconds(60)));
        }
        FileSource source = source();
        WatchedPlace watched = WatchedPlace.of(source.place(), Duration.ofMillis(50));
        Path copies = directory.resolve("copies");
        FileTable table = new FileTable(
                name,
                table(),
                Map.of(),
                tables,
                new LakeLayout(directory.resolve("lake").toString()),
                new CsvFormat(csv, 1 << 20),
                OnSchemaChange.EVOLVE);
        FileIntake intake = new FileIntake(
                source,
                watched,
                table,
                new Spool(copies),
                new SourceProgress(source),
                LandingSteps.NONE,
                new CountDownLatch(1));
        ArrivedTopic.prepare(kafkaSettings(), "levada-test-ahead");
        try (FileLedger ledger = new FileLedger("test", name, kafkaSettings())) {
            intake.copyAhead(ledger, files(watched));
            List<Path> ahead = listed(copies);
            put("changes.csv", "id\n2\n");
            intake.take(ledger, files(watched));

            assertThat(ahead).hasSize(2);
            assertThat(listed(copies)).hasSize(2).doesNotContainAnyElementsOf(ahead);
            assertThat(listed(copies).stream().map(FileSourcesIT::text))
                    .containsExactlyInAnyOrder("id\n2\n", "id\n1\nstays.csv\n");
            assertThat(ledger.versions("changes.csv")).hasSize(1);
        }
    }

    private static SortedMap<String, Spool.Signature> files(WatchedPlace place) throws IOException {
        return ((Listing.Found) place.list()).files();
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void copiesAgainWhatTheSpoolLostAndPutsAsideWhatIsGone() throws Exception {
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n2\n");
        FileSources blocked = start((step, table) -> {
            if (!isBeforeLanding(step)) {
                throw new IllegalStateException("Stopped at " + step + " of " + table);
            }
        });
        Eventually.within(BOUND, () -> assertThat(status(blocked).arrived()).isEqualTo(2));
        blocked.close();
        assertThat(rows()).isEmpty();
        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            for (Path copy : spooled.toList()) {
                Files.delete(copy);
            }
        }
        Files.delete(folder.resolve("b.csv"));

        FileSources sources = start();
        awaitLanded(sources, 2);

        assertThat(ParquetRows.query(rows().subList(0, 1), "SELECT id FROM t")).containsExactly("1");
        assertThat(ParquetRows.query(
                        offered().stream()
                                .filter(event -> event.cause() == Cause.QUARANTINE)
                                .toList(),
                        "SELECT file, code FROM t"))
                .containsExactly("b.csv|FILES-LOST");
        assertThat(numbers(rows())).containsExactly(1L, 2L);
    }

    private static boolean isBeforeLanding(LandingStep step) {
        return step == LandingStep.FILE_SPOOLED || step == LandingStep.FILE_ANNOUNCED;
    }

    @Test
    void landsEveryRowOfTheRetailFiles() throws Exception {
        Path data = TestData.directory("online-retail-by-day");
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(data)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".csv.gz")).toList()) {
                Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
            }
        }

        FileSources sources = start();
        awaitLanded(sources, 167);

        List<FilesWritten> rows = rows();
        assertThat(offered().size()).isEqualTo(rows.size());
        assertThat(numbers(rows))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 167).boxed().toList());
        String columns = "InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country";
        assertThat(tables.load(table()).orElseThrow().schema().columns().stream()
                        .limit(8)
                        .map(field -> field.name() + " " + field.type()))
                .containsExactly(
                        "InvoiceNo string",
                        "StockCode string",
                        "Description string",
                        "Quantity long",
                        "InvoiceDate timestamp",
                        "UnitPrice decimal(18, 3)",
                        "CustomerID decimal(18, 1)",
                        "Country string");
        String checksum = "count(*), bit_xor(hash(InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,"
                + " CustomerID, Country)), sum(hash(InvoiceNo, StockCode, Description, Quantity, InvoiceDate,"
                + " UnitPrice, CustomerID, Country)::HUGEINT)";
        String source = "SELECT InvoiceNo, StockCode, Description, Quantity::BIGINT AS Quantity,"
                + " InvoiceDate::TIMESTAMP AS InvoiceDate, UnitPrice::DECIMAL(18,3) AS UnitPrice,"
                + " CustomerID::DECIMAL(18,1) AS CustomerID, Country FROM read_csv('" + folder
                + "/*.csv.gz', all_varchar=true, header=true)";
        List<String> expected = ParquetRows.sql("SELECT " + checksum + " FROM (" + source + ")");
        assertThat(expected.getFirst()).startsWith("245903|");
        assertThat(ParquetRows.query(rows, "SELECT " + checksum + " FROM (SELECT " + columns + " FROM t)"))
                .isEqualTo(expected);
        assertThat(ParquetRows.query(rows, "SELECT count(DISTINCT _pos), count(DISTINCT (_file, _line)) FROM t"))
                .containsExactly("245903|245903");
    }
}
