package io.levada.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FlushPolicy;
import io.levada.definition.OnSchemaChange;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeEncoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class ChangeLandingIT {
    private static final String RESTLESS = "levada.changes.shop.restless";
    private static final String CALM = "levada.changes.shop.calm";
    private static final Duration BOUND = Eventually.PATIENCE;

    @TempDir
    private Path directory;

    private CaptureKafka kafka;
    private CatalogOnLoopback server;
    private LakeCatalog catalog;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void start() throws IOException {
        kafka = CaptureKafka.start(directory.resolve("kafka"));
        server = new CatalogOnLoopback(directory.resolve("lake"));
        catalog = LakeCatalog.connect(server.uri());
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        producer.close();
        catalog.close();
        server.close();
        kafka.close();
    }

    /// Each change of columns needs a file and a transaction of its own, and one poll may bring thousands of
    /// them.
    @Test
    void landsOtherTablesWhileTheColumnsOfOneChangeAgainAndAgain() throws Exception {
        int changes = 60;
        AtomicInteger restless = new AtomicInteger();
        AtomicInteger restlessAtCalm = new AtomicInteger();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch landed = new CountDownLatch(1);
        ChangeTopics identities = ChangeTopics.ensure(
                kafka.bootstrapServers(),
                List.of(RESTLESS, CALM, Topics.FILES_WRITTEN),
                List.of(Topics.INGEST_INCARNATIONS));
        List<ChangeEncoder> shapes = new ArrayList<>();
        for (String column : List.of("a", "b")) {
            shapes.add(encoder(RESTLESS, column));
        }
        for (int i = 0; i < changes; i++) {
            send(RESTLESS, shapes.get(i % 2), i);
        }
        producer.flush();

        try (ChangeLanding landing = landing(identities, (step, table) -> {
            if (step == LandingStep.FILE_OPENED && table.endsWith("restless")) {
                restless.incrementAndGet();
                began.countDown();
                atLeastAMoment(landed);
            }
            if (step == LandingStep.AFTER_TRANSACTION && table.endsWith("calm")) {
                restlessAtCalm.set(restless.get());
                landed.countDown();
            }
        })) {
            landing.start();
            assertThat(began.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
            send(CALM, encoder(CALM, "a"), 0);
            producer.flush();
            assertThat(landed.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();

            assertThat(restlessAtCalm.get()).isLessThan(changes);
            Eventually.within(BOUND, landing::landedRows, rows -> rows == changes + 1);
            assertThat(restless.get()).isEqualTo(changes);
            assertThat(landing.trouble()).isEmpty();
        }
    }

    /// A new file takes time, as where the catalog is slow.
    private static void atLeastAMoment(CountDownLatch over) {
        try {
            over.await(50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// An erasure deletes markers of transactions behind the last change too.
    @Test
    void goesOnBehindDeletedRecordsOnlyWhereTheTableSaysThatNothingIsMissing() throws Exception {
        ChangeTopics identities = ChangeTopics.ensure(
                kafka.bootstrapServers(),
                List.of(RESTLESS, CALM, Topics.FILES_WRITTEN),
                List.of(Topics.INGEST_INCARNATIONS));
        ChangeEncoder encoder = encoder(CALM, "a");
        send(CALM, encoder, 0);
        producer.flush();
        try (ChangeLanding landing = landing(identities, (_, _) -> {})) {
            landing.start();
            Eventually.within(BOUND, landing::landedRows, rows -> rows == 1);
        }
        abortTransaction(CALM);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.deleteRecords(Map.of(new TopicPartition(CALM, 0), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }

        try (ChangeLanding landing = landing(identities, (_, _) -> {})) {
            landing.start();
            Eventually.within(
                    BOUND, () -> landing.trouble().orElse(""), trouble -> trouble.startsWith("LANDING-OFFSET-LOST"));
        }
        catalog.load("raw.shop_calm")
                .orElseThrow()
                .updateProperties()
                .set(TableProperties.emptyBefore(identities.offsetProperty(CALM)), "2")
                .commit();
        try (ChangeLanding landing = landing(identities, (_, _) -> {})) {
            landing.start();
            send(CALM, encoder, 1);
            producer.flush();
            Eventually.within(BOUND, landing::landedRows, rows -> rows == 1);
            assertThat(landing.trouble()).isEmpty();
        }
        assertThat(kafka.read(Topics.FILES_WRITTEN))
                .extracting(message -> JsonMapper.shared()
                        .readValue(message, FilesWritten.class)
                        .ranges()
                        .getFirst()
                        .start())
                .as("ranges follow one another")
                .containsExactly(0L, 1L);
    }

    private void abortTransaction(String topic) {
        try (KafkaProducer<byte[], byte[]> other = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "other"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            other.initTransactions();
            other.beginTransaction();
            other.send(new ProducerRecord<>(topic, 0, null, new byte[0]));
            other.flush();
            other.abortTransaction();
        }
    }

    private ChangeLanding landing(ChangeTopics identities, LandingSteps steps) {
        LakeLayout layout = new LakeLayout(directory.resolve("lake").toString());
        return new ChangeLanding(
                new ChangeLanding.Settings(
                        kafka.bootstrapServers(),
                        Incarnation.begin(
                                kafka.bootstrapServers(), List.of(Incarnation.landing(CaptureKafka.PROJECT, "one"))),
                        CaptureKafka.PROJECT,
                        "one",
                        Map.of(
                                RESTLESS, new LandedTable("shop", "restless", OnSchemaChange.EVOLVE),
                                CALM, new LandedTable("shop", "calm", OnSchemaChange.EVOLVE)),
                        new FlushPolicy(Duration.ofMillis(200), 64 * 1024 * 1024),
                        256 * 1024 * 1024),
                identities,
                kafka.registry(),
                new RawTables(catalog, layout),
                catalog,
                layout,
                steps,
                new QuarantineCounts(),
                () -> false,
                Clock.systemUTC());
    }

    private ChangeEncoder encoder(String topic, String column) throws IOException {
        ChangeSchema schema = ChangeSchema.of(
                List.of(
                        new RawSchema.Column("id", Types.LongType.get()),
                        new RawSchema.Column(column, Types.StringType.get())),
                List.of("id"));
        return new ChangeEncoder(schema, kafka.registry().register(topic, schema));
    }

    private void send(String topic, ChangeEncoder encoder, long id) {
        GenericRecord row = GenericRecord.create(encoder.schema().rowStruct());
        row.setField("id", id);
        producer.send(new ProducerRecord<>(
                topic,
                0,
                null,
                encoder.encode(new Change(
                        "c",
                        "0001-%020d".formatted(id),
                        "0/" + id,
                        OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
                        null,
                        null,
                        null,
                        row,
                        List.of(),
                        null))));
    }
}
