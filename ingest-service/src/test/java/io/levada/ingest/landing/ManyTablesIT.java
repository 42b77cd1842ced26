package io.levada.ingest.landing;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FlushPolicy;
import io.levada.definition.OnSchemaChange;
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
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Thousands of tables with a file open in each, with the broker in the same JVM: `-Dlevada.tables=5000`. The heap is
/// that of the tests; docs/benchmarks.md says how to give it another.
@EnabledIfSystemProperty(
        named = "levada.tables",
        matches = "\\d+",
        disabledReason = "takes minutes; see docs/benchmarks.md")
final class ManyTablesIT {
    private static final Logger LOG = LoggerFactory.getLogger(ManyTablesIT.class);
    private static final int TABLES = Integer.getInteger("levada.tables", 0);
    private static final int CHANGES = 20;
    private static final int PRODUCERS = 8;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final ChangeSchema SCHEMA = ChangeSchema.of(
            List.of(
                    new RawSchema.Column("id", Types.LongType.get()),
                    new RawSchema.Column("customer", Types.IntegerType.get()),
                    new RawSchema.Column("amount", Types.DecimalType.of(12, 2)),
                    new RawSchema.Column("ratio", Types.DoubleType.get()),
                    new RawSchema.Column("active", Types.BooleanType.get()),
                    new RawSchema.Column("label", Types.StringType.get()),
                    new RawSchema.Column("day", Types.DateType.get()),
                    new RawSchema.Column("changed", Types.TimestampType.withZone())),
            List.of("id"));

    @TempDir
    private Path directory;

    @Test
    void landsChangesOfManyTablesAtOnce() throws Exception {
        List<String> topics = new ArrayList<>();
        for (int i = 0; i < TABLES; i++) {
            topics.add("levada.changes.many.t" + i);
        }
        Set<String> opened = ConcurrentHashMap.newKeySet();
        AtomicBoolean ended = new AtomicBoolean();
        try (CaptureKafka kafka = CaptureKafka.start(directory.resolve("kafka"));
                CatalogOnLoopback server = new CatalogOnLoopback(directory.resolve("lake"));
                LakeCatalog catalog = LakeCatalog.connect(server.uri())) {
            long start = System.nanoTime();
            List<String> logs = new ArrayList<>(topics);
            logs.add(Topics.FILES_WRITTEN);
            ChangeTopics identities =
                    ChangeTopics.ensure(kafka.bootstrapServers(), logs, List.of(Topics.INGEST_INCARNATIONS));
            say("topics made", start);
            produce(kafka, topics);
            say("changes produced", start);
            LakeLayout layout = new LakeLayout(directory.resolve("lake").toString());
            try (ChangeLanding landing = new ChangeLanding(
                    new ChangeLanding.Settings(
                            kafka.bootstrapServers(),
                            Incarnation.begin(
                                    kafka.bootstrapServers(),
                                    List.of(Incarnation.landing(CaptureKafka.PROJECT, "many"))),
                            CaptureKafka.PROJECT,
                            "many",
                            topics.stream()
                                    .collect(Collectors.toMap(
                                            Function.identity(),
                                            topic -> new LandedTable(
                                                    "many",
                                                    topic.substring(topic.lastIndexOf('.') + 1),
                                                    OnSchemaChange.EVOLVE))),
                            new FlushPolicy(Duration.ofHours(1), 64 * 1024 * 1024),
                            256 * 1024 * 1024),
                    identities,
                    kafka.registry(),
                    new RawTables(catalog, layout),
                    catalog,
                    layout,
                    (step, table) -> {
                        if (step == LandingStep.FILE_OPENED) {
                            opened.add(table);
                        }
                    },
                    new QuarantineCounts(),
                    ended::get,
                    Clock.systemUTC())) {
                landing.start();

                Eventually.within(LONG, opened::size, open -> open == TABLES);
                say("files open", start);
                ended.set(true);
                Eventually.within(LONG, landing::landedRows, rows -> rows == (long) TABLES * CHANGES);
                say("files offered", start);

                assertThat(landing.trouble()).isEmpty();
            }
        }
    }

    /// With several producers, as each asks for the metadata of one new topic at a time.
    private static void produce(CaptureKafka kafka, List<String> topics) {
        int part = Math.ceilDiv(topics.size(), PRODUCERS);
        IntStream.range(0, PRODUCERS).parallel().forEach(i -> {
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrapServers()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                for (String topic :
                        topics.subList(Math.min(topics.size(), i * part), Math.min(topics.size(), (i + 1) * part))) {
                    ChangeEncoder encoder =
                            new ChangeEncoder(SCHEMA, kafka.registry().register(topic, SCHEMA));
                    for (int change = 0; change < CHANGES; change++) {
                        producer.send(new ProducerRecord<>(topic, 0, null, encoder.encode(change(change))));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Change change(int i) {
        GenericRecord row = GenericRecord.create(SCHEMA.rowStruct());
        row.setField("id", (long) i);
        row.setField("customer", i % 1000);
        row.setField("amount", BigDecimal.valueOf(i, 2));
        row.setField("ratio", i / 7.0);
        row.setField("active", i % 2 == 0);
        row.setField("label", "label number " + i);
        row.setField("day", LocalDate.EPOCH.plusDays(i));
        row.setField("changed", OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC));
        return new Change(
                "c",
                "0001-%020d".formatted(i),
                "0/" + i,
                OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
                null,
                null,
                null,
                row,
                List.of(),
                null);
    }

    private static void say(String what, long start) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        LOG.atInfo().log(
                "{} tables, {}: {} s after the start, {} MB of {} MB of heap in use",
                TABLES,
                what,
                (System.nanoTime() - start) / 1_000_000_000,
                runtime.totalMemory() - runtime.freeMemory() >> 20,
                runtime.maxMemory() >> 20);
    }
}
