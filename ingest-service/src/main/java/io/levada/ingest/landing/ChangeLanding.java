package io.levada.ingest.landing;

import io.levada.definition.FlushPolicy;
import io.levada.events.FilesWritten;
import io.levada.events.OffsetRange;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lands change topics: one open Parquet file a topic, closed on age, bytes, a new schema or a new day, and offered
/// in one transaction with the offsets that it covers. What can not be taken goes to quarantine, in the same
/// transaction.
///
/// A file that was not offered is forgotten: after any trouble the consumer starts again at the committed offsets.
/// Several instances share the topics as one consumer group.
public final class ChangeLanding implements AutoCloseable {
    /// @param incarnation of the process, which has claimed the landing of its instance
    /// @param project names the transactional id
    /// @param instance tells instances of the group apart, and stays the same over restarts
    /// @param topics change topics and their tables
    /// @param openBytes budget of all open files together
    public record Settings(
            String bootstrapServers,
            Incarnation incarnation,
            String project,
            String instance,
            Map<String, LandedTable> topics,
            FlushPolicy flush,
            long openBytes) {
        public Settings {
            topics = Map.copyOf(topics);
        }
    }

    /// Where the changes of one schema go.
    private record Target(int schemaId, RawTarget table) {}

    private static final Logger LOG = LoggerFactory.getLogger(ChangeLanding.class);
    private static final String GROUP = "levada-ingest-landing";
    private static final int MOST_CLOSED_AT_ONCE = 200;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(15);

    private final Settings settings;
    private final ChangeTopics identities;
    private final ChangeReader reader;
    private final RawTables tables;
    private final LakeCatalog catalog;
    private final LakeLayout layout;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined;
    private final BooleanSupplier inputEnded;
    private final Clock clock;

    private final Map<TopicPartition, OpenFile> open = new HashMap<>();

    /// Of each partition the newest only: a table's metadata may be large, and a table may have had many schemas.
    private final Map<TopicPartition, Target> targets = new HashMap<>();

    /// By partition, the end of the last range offered, where the next one starts. A range may begin with transaction
    /// markers.
    private final Map<TopicPartition, Long> covered = new HashMap<>();

    private final AtomicLong landedRows = new AtomicLong();
    private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /// @param quarantined counts the changes that were put aside
    /// @param inputEnded whether files are to be offered as soon as there is nothing to read, for a run that ends
    public ChangeLanding(
            Settings settings,
            ChangeTopics identities,
            SchemaRegistry registry,
            RawTables tables,
            LakeCatalog catalog,
            LakeLayout layout,
            LandingSteps steps,
            QuarantineCounts quarantined,
            BooleanSupplier inputEnded,
            Clock clock) {
        this.settings = settings;
        this.identities = identities;
        this.reader = new ChangeReader(registry);
        this.tables = tables;
        this.catalog = catalog;
        this.layout = layout;
        this.steps = steps;
        this.quarantined = quarantined;
        this.inputEnded = inputEnded;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("landing").unstarted(this::run);
    }

    public void start() {
        if (!settings.topics().isEmpty()) {
            thread.start();
        }
    }

    /// Rows landed since this process started.
    public long landedRows() {
        return landedRows.get();
    }

    /// What keeps landing from going on now.
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble.get());
    }

    private void run() {
        Duration backoff = FIRST_BACKOFF;
        while (closed.getCount() > 0) {
            try {
                leaveToSuccessor();
                land();
            } catch (LandingStopped e) {
                trouble.set(e.code().code() + ": " + e.getMessage());
                LOG.atError().addKeyValue("errorCode", e.code().code()).log(e.getMessage());
                if (e.code() == IngestError.INGEST_FENCED) {
                    return;
                }
                backoff = LAST_BACKOFF;
            } catch (Exception e) {
                trouble.set(IngestError.LANDING_AWAY.code() + ": " + e.getMessage());
                LOG.atWarn()
                        .addKeyValue("errorCode", IngestError.LANDING_AWAY.code())
                        .setCause(e)
                        .log("Landing was interrupted; it goes on from its committed offsets");
            } finally {
                discardAll();
            }
            pause(backoff);
            Duration doubled = backoff.multipliedBy(2);
            backoff = doubled.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : doubled;
        }
    }

    private void leaveToSuccessor() {
        settings.incarnation()
                .successor(Incarnation.landing(settings.project(), settings.instance()))
                .ifPresent(successor -> {
                    throw new LandingStopped(
                            IngestError.INGEST_FENCED,
                            "Another process lands changes as instance " + settings.instance() + " now: "
                                    + successor.process() + ". Stop this process, or start it again to take its place");
                });
    }

    private void land() throws IOException {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer();
                FilesWrittenProducer producer = new FilesWrittenProducer(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers()),
                        "levada-landing-" + settings.project() + "-" + settings.instance())) {
            land(consumer, producer);
        }
    }

    private void pause(Duration duration) {
        try {
            closed.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP + "-" + settings.instance());
        // A restarted instance takes its own place again at once, and a copy of it that still runs is fenced.
        config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 15_000);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 * 1024 * 1024);
        config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void land(KafkaConsumer<byte[], byte[]> consumer, FilesWrittenProducer producer) throws IOException {
        consumer.subscribe(settings.topics().keySet(), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                partitions.forEach(ChangeLanding.this::discard);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                seek(consumer, partitions);
            }
        });
        while (closed.getCount() > 0) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            trouble.set(null);
            for (TopicPartition partition : records.partitions()) {
                for (ConsumerRecord<byte[], byte[]> message : records.records(partition)) {
                    take(consumer, producer, partition, message);
                }
            }
            flush(consumer, producer, due(records.isEmpty()));
        }
        while (!open.isEmpty()) {
            flush(consumer, producer, oldest(List.copyOf(open.entrySet())));
        }
    }

    /// Puts the consumer where the group left off or, where it has never been, where the table says. Kafka is asked
    /// once for all, as thousands of topics may be assigned at a time.
    private void seek(KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
        partitions.forEach(partition -> seek(
                consumer,
                partition,
                beginnings.getOrDefault(partition, 0L),
                ends.getOrDefault(partition, 0L),
                committed.get(partition)));
    }

    private void seek(
            KafkaConsumer<byte[], byte[]> consumer,
            TopicPartition partition,
            long beginning,
            long end,
            @Nullable OffsetAndMetadata committed) {
        long start = committed != null ? committed.offset() : storedOffset(partition);
        if (start < beginning || start > end) {
            throw new LandingStopped(
                    IngestError.LANDING_OFFSET_LOST,
                    "Topic " + partition.topic() + " holds offsets " + beginning + " to " + end + ", but landing is at "
                            + start + ": changes are missing. Load the source anew with a new data directory");
        }
        consumer.seek(partition, start);
        covered.put(partition, start);
    }

    private long storedOffset(TopicPartition partition) {
        LandedTable landed = landed(partition);
        return catalog.load(landed.rawTable())
                .map(table -> table.properties().get(identities.offsetProperty(partition.topic())))
                .map(Long::parseLong)
                .orElse(0L);
    }

    private LandedTable landed(TopicPartition partition) {
        LandedTable table = settings.topics().get(partition.topic());
        if (table == null) {
            throw new IllegalStateException("Topic " + partition.topic() + " has no table");
        }
        return table;
    }

    private void take(
            KafkaConsumer<byte[], byte[]> consumer,
            FilesWrittenProducer producer,
            TopicPartition partition,
            ConsumerRecord<byte[], byte[]> message)
            throws IOException {
        ReadChange read = reader.read(message.value());
        int schemaId = read instanceof ReadChange.Readable readable ? readable.schemaId() : OpenFile.NO_SCHEMA;
        OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        OpenFile file = open.get(partition);
        if (file != null && !file.takes(schemaId, now.toLocalDate())) {
            offer(consumer, producer, Map.of(partition, message.offset()));
            file = null;
        }
        if (file == null) {
            file = new OpenFile(
                    target(read, partition),
                    schemaId,
                    covered.getOrDefault(partition, message.offset()),
                    now,
                    System.nanoTime(),
                    tables.quarantine());
            open.put(partition, file);
            steps.reached(LandingStep.FILE_OPENED, landed(partition).rawTable());
        }
        add(read, message, now, file);
    }

    private void add(ReadChange read, ConsumerRecord<byte[], byte[]> message, OffsetDateTime now, OpenFile file) {
        LandedTable landed = landed(new TopicPartition(message.topic(), message.partition()));
        switch (read) {
            case ReadChange.Readable readable -> {
                Change change = readable.change();
                Change.Refusal refused = change.refused();
                if (refused == null && file.target() instanceof RawTarget.Refused target) {
                    file.putAside(bad(
                            landed,
                            change.pos(),
                            ChangeText.of(change),
                            target.code().code(),
                            target.reason()));
                } else if (refused == null) {
                    file.add(change, now);
                } else {
                    file.putAside(bad(
                            landed,
                            change.pos(),
                            refused.row().getBytes(StandardCharsets.UTF_8),
                            refused.code(),
                            refused.reason()));
                }
            }
            case ReadChange.Unreadable(IngestError error, String reason) ->
                file.putAside(bad(
                        landed,
                        message.topic() + "/" + message.partition() + "@" + message.offset(),
                        message.value() == null ? new byte[0] : message.value(),
                        error.code(),
                        reason));
        }
    }

    private static QuarantinedRow bad(LandedTable landed, String position, byte[] raw, String code, String reason) {
        return new QuarantinedRow(landed.source(), landed.rawTable(), position, null, null, raw, code, reason);
    }

    private RawTarget target(ReadChange read, TopicPartition partition) {
        return switch (read) {
            case ReadChange.Readable readable ->
                targets.compute(
                                partition,
                                (_, last) -> last != null && last.schemaId() == readable.schemaId()
                                        ? last
                                        : new Target(
                                                readable.schemaId(),
                                                tables.target(
                                                        landed(partition),
                                                        readable.schema().columns(),
                                                        readable.schema().key())))
                        .table();
            case ReadChange.Unreadable _ -> new RawTarget.Ready(tables.table(landed(partition)), Map.of());
        };
    }

    /// The files to close now: not so many that Kafka would miss the next poll. The others stay due.
    private List<TopicPartition> due(boolean idle) {
        boolean all = idle && inputEnded.getAsBoolean()
                || open.values().stream().mapToLong(OpenFile::bytes).sum() > settings.openBytes();
        long now = System.nanoTime();
        return oldest(open.entrySet().stream()
                .filter(entry -> all
                        || entry.getValue().ageNanos(now)
                                >= settings.flush().interval().toNanos()
                        || entry.getValue().bytes() >= settings.flush().bytes())
                .toList());
    }

    private static List<TopicPartition> oldest(List<Map.Entry<TopicPartition, OpenFile>> files) {
        long now = System.nanoTime();
        return files.stream()
                .sorted(Comparator.comparingLong((Map.Entry<TopicPartition, OpenFile> entry) ->
                                entry.getValue().ageNanos(now))
                        .reversed())
                .limit(MOST_CLOSED_AT_ONCE)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void flush(
            KafkaConsumer<byte[], byte[]> consumer, FilesWrittenProducer producer, List<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        partitions.forEach(partition -> ends.put(partition, consumer.position(partition)));
        offer(consumer, producer, ends);
    }

    /// Closes the open files of some partitions and offers them up to the given offsets, in one transaction.
    private void offer(
            KafkaConsumer<byte[], byte[]> consumer, FilesWrittenProducer producer, Map<TopicPartition, Long> ends) {
        List<FilesWritten> events = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        List<Map<QuarantineCounts.Kind, Long>> aside = new ArrayList<>();
        long rows = 0;
        for (Map.Entry<TopicPartition, Long> entry : ends.entrySet()) {
            OpenFile file = open.get(entry.getKey());
            if (file == null) {
                continue;
            }
            OffsetRange range = range(entry.getKey(), file, entry.getValue());
            aside.add(file.quarantine().counts());
            file.quarantine().finish(List.of(range), null).ifPresent(events::add);
            FilesWritten event = event(entry.getKey(), file, range);
            steps.reached(LandingStep.FILE_CLOSED, event.table());
            RunManifest.write(file.table().io(), layout, file.date(), file.runId(), event);
            steps.reached(LandingStep.BEFORE_TRANSACTION, event.table());
            events.add(event);
            offsets.put(entry.getKey(), new OffsetAndMetadata(entry.getValue()));
            rows += file.rows();
        }
        producer.commit(events, offsets, consumer.groupMetadata());
        events.forEach(event -> steps.reached(LandingStep.AFTER_TRANSACTION, event.table()));
        ends.keySet().forEach(open::remove);
        offsets.forEach((partition, offset) -> covered.put(partition, offset.offset()));
        landedRows.addAndGet(rows);
        aside.forEach(this::putAside);
    }

    private void putAside(Map<QuarantineCounts.Kind, Long> counts) {
        quarantined.add(counts);
        counts.forEach((kind, rows) -> LOG.atWarn()
                .addKeyValue("table", kind.table())
                .addKeyValue("errorCode", kind.code())
                .log("{} changes went to quarantine", rows));
    }

    private FilesWritten event(TopicPartition partition, OpenFile file, OffsetRange range) {
        return FilesWritten.changes(
                "changes-" + file.runId(),
                landed(partition).rawTable(),
                file.tableSchemaId(),
                file.finish(),
                List.of(range));
    }

    private OffsetRange range(TopicPartition partition, OpenFile file, long end) {
        String topic = partition.topic();
        return new OffsetRange(
                identities.clusterId(),
                identities.topicIds().getOrDefault(topic, ""),
                topic,
                partition.partition(),
                file.startOffset(),
                end);
    }

    private void discard(TopicPartition partition) {
        OpenFile file = open.remove(partition);
        if (file != null) {
            file.discard(null);
        }
    }

    private void discardAll() {
        List.copyOf(open.keySet()).forEach(this::discard);
    }

    @Override
    public void close() {
        closed.countDown();
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Landing can not go on until somebody acts.
    private static final class LandingStopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final IngestError code;

        LandingStopped(IngestError code, String message) {
            super(message);
            this.code = code;
        }

        IngestError code() {
            return code;
        }
    }
}
