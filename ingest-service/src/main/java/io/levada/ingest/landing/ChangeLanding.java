package io.levada.ingest.landing;

import io.levada.definition.FlushPolicy;
import io.levada.ingest.Backoff;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
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

        LandedTable table(String topic) {
            LandedTable table = topics.get(topic);
            if (table == null) {
                throw new IllegalStateException("Topic " + topic + " has no table");
            }
            return table;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ChangeLanding.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LONGEST_TURN = Duration.ofMillis(500);
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(1);

    private final Settings settings;
    private final ChangeTopics identities;
    private final ChangeReader reader;
    private final OpenFiles files;
    private final LakeCatalog catalog;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined;
    private final BooleanSupplier inputEnded;
    private final Clock clock;

    private final AtomicLong landedRows = new AtomicLong();
    private final Backoff backoff = new Backoff();
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
        this.files = new OpenFiles(settings, identities, tables, layout, steps);
        this.catalog = catalog;
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
        boolean running = true;
        while (running) {
            Duration pause;
            try {
                leaveToSuccessor();
                land();
                return;
            } catch (LandingStopped e) {
                trouble.set(e.code().code() + ": " + e.getMessage());
                LOG.atError().addKeyValue("errorCode", e.code().code()).log(e.getMessage());
                if (e.code() == IngestError.INGEST_FENCED) {
                    return;
                }
                pause = Backoff.LONGEST;
            } catch (Exception e) {
                trouble.set(IngestError.LANDING_AWAY.code() + ": " + e.getMessage());
                LOG.atWarn()
                        .addKeyValue("errorCode", IngestError.LANDING_AWAY.code())
                        .setCause(e)
                        .log("Landing was interrupted; it goes on from its committed offsets");
                pause = backoff.next();
            } finally {
                files.discardAll();
            }
            running = !Backoff.stoppedWithin(pause, closed);
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
        try (LandingConsumer consumer = new LandingConsumer(settings, identities, catalog, files);
                FilesWrittenProducer producer = new FilesWrittenProducer(
                        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers()),
                        "levada-landing-" + settings.project() + "-" + settings.instance())) {
            land(consumer, producer);
        }
    }

    private void land(LandingConsumer consumer, FilesWrittenProducer producer) throws IOException {
        while (closed.getCount() > 0) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            trouble.set(null);
            takeInTurns(consumer, producer, records);
            offerDue(consumer, producer, records.isEmpty() && inputEnded.getAsBoolean(), consumer::position);
        }
        while (!files.isEmpty()) {
            offerDue(consumer, producer, true, consumer::position);
        }
    }

    /// Takes what a poll brought, of each partition as much as fits into its turn, and at least one change. What
    /// is left is read again. A table whose columns change again and again needs a file and a transaction for
    /// each change of them: it holds up neither the other tables nor the next poll, without which Kafka would
    /// take this member for dead.
    private void takeInTurns(
            LandingConsumer consumer, FilesWrittenProducer producer, ConsumerRecords<byte[], byte[]> records)
            throws IOException {
        Set<TopicPartition> partitions = records.partitions();
        long turn = Math.min(LONGEST_TURN.toNanos(), LONGEST_ROUND.toNanos() / Math.max(1, partitions.size()));
        long looked = System.nanoTime();
        for (TopicPartition partition : partitions) {
            List<ConsumerRecord<byte[], byte[]>> messages = records.records(partition);
            long began = System.nanoTime();
            int taken = 0;
            do {
                take(consumer, producer, messages.get(taken));
                taken++;
                if (System.nanoTime() - looked > POLL.toNanos()) {
                    offerDue(consumer, producer, false, files::end);
                    looked = System.nanoTime();
                }
            } while (taken < messages.size() && closed.getCount() > 0 && System.nanoTime() - began < turn);
            if (taken < messages.size()) {
                consumer.giveBack(partition, messages.get(taken).offset());
            }
        }
    }

    private void take(LandingConsumer consumer, FilesWrittenProducer producer, ConsumerRecord<byte[], byte[]> message)
            throws IOException {
        ReadChange read = reader.read(message.value());
        TopicPartition partition = new TopicPartition(message.topic(), message.partition());
        OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        if (files.endsBefore(read, partition, now)) {
            offer(consumer, producer, Map.of(partition, message.offset()));
        }
        files.add(read, message, now);
    }

    /// @param end of what was taken of a partition
    private void offerDue(
            LandingConsumer consumer,
            FilesWrittenProducer producer,
            boolean nothingMore,
            ToLongFunction<TopicPartition> end) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        files.due(nothingMore).forEach(partition -> ends.put(partition, end.applyAsLong(partition)));
        if (!ends.isEmpty()) {
            offer(consumer, producer, ends);
        }
    }

    /// Closes the open files of some partitions and offers them up to the given offsets, in one transaction.
    private void offer(LandingConsumer consumer, FilesWrittenProducer producer, Map<TopicPartition, Long> ends) {
        OpenFiles.Closed closing = files.close(ends);
        producer.commit(closing.events(), closing.offsets(), consumer.groupMetadata());
        closing.events().forEach(event -> steps.reached(LandingStep.AFTER_TRANSACTION, event.table()));
        files.offered(closing);
        backoff.reset();
        landedRows.addAndGet(closing.rows());
        closing.quarantined().forEach(this::putAside);
    }

    private void putAside(Map<QuarantineCounts.Kind, Long> counts) {
        quarantined.add(counts);
        counts.forEach((kind, rows) -> LOG.atWarn()
                .addKeyValue("table", kind.table())
                .addKeyValue("errorCode", kind.code())
                .log("{} changes went to quarantine", rows));
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
}
