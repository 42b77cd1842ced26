package io.levada.catalog.lineage;

import io.levada.catalog.LineageReport;
import io.levada.catalog.lineage.LineageReceiver.Outcome;
import io.levada.catalog.lineage.RunEvents.RunEvent;
import io.levada.events.FilesRefused;
import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.iceberg.catalog.Catalog;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The thread that tells of snapshots and refusals, in the order of their announcements, each at least once. It has a
/// consumer group of its own and tries without end: a receiver that is away holds up nothing but this.
final class LineageFollower implements LineageReport.Progress, AutoCloseable {
    static final String GROUP = "levada-catalog-lineage";

    private static final Logger LOG = LoggerFactory.getLogger(LineageFollower.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TopicPartition COMMITTED = new TopicPartition(Topics.TABLE_COMMITTED, 0);
    private static final TopicPartition REFUSED = new TopicPartition(Topics.FILES_REFUSED, 0);
    private static final Set<TopicPartition> FOLLOWED = Set.of(COMMITTED, REFUSED);
    private static final Duration POLL = Duration.ofMillis(500);

    /// How often a receiver may call an event invalid before it is passed over.
    private static final int REFUSALS = 3;

    private final String bootstrapServers;
    private final Catalog catalog;
    private final RunEvents events;
    private final LineageReceiver receiver;
    private final LineageMetrics metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private BackOffExecution waits = newWaits();
    private volatile long lag = -1;
    private volatile @Nullable String trouble;

    LineageFollower(
            String bootstrapServers,
            Catalog catalog,
            RunEvents events,
            LineageReceiver receiver,
            LineageMetrics metrics) {
        this.bootstrapServers = bootstrapServers;
        this.catalog = catalog;
        this.events = events;
        this.receiver = receiver;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().name("levada-catalog-lineage").unstarted(this::run);
    }

    private static BackOffExecution newWaits() {
        ExponentialBackOff waits = new ExponentialBackOff(200, 2);
        waits.setMaxInterval(30_000);
        waits.setJitter(50);
        return waits.start();
    }

    void start() {
        metrics.lag(() -> lag);
        thread.start();
    }

    @Override
    public LineageReport report() {
        return new LineageReport(receiver.target(), lag, metrics.taken(), metrics.refused(), trouble);
    }

    private void run() {
        while (closing.getCount() > 0) {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                follow(consumer, resume(consumer));
            } catch (InterruptedException | InterruptException _) {
                closing.countDown();
            } catch (RuntimeException e) {
                failed("Announcements of snapshots can not be read", e);
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "10000");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        // Begins at the start where nothing was told yet: the topics are compacted, or hold refusals only.
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return new KafkaConsumer<>(properties);
    }

    /// Goes to the first announcement that is not told, and learns what was told before it.
    private SnapshotsToTell resume(KafkaConsumer<byte[], byte[]> consumer) {
        SnapshotsToTell snapshots = new SnapshotsToTell(catalog, events);
        Map<TopicPartition, OffsetAndMetadata> acknowledged = consumer.committed(new HashSet<>(FOLLOWED));
        OffsetAndMetadata committed = acknowledged.get(COMMITTED);
        if (committed != null) {
            consumer.assign(List.of(COMMITTED));
            consumer.seekToBeginning(List.of(COMMITTED));
            while (consumer.position(COMMITTED) < committed.offset() && closing.getCount() > 0) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    if (message.value() != null && message.offset() < committed.offset()) {
                        snapshots.told(JSON.readValue(message.value(), TableCommitted.class));
                    }
                }
            }
        }
        consumer.assign(FOLLOWED);
        Map<TopicPartition, Long> first = consumer.beginningOffsets(FOLLOWED);
        FOLLOWED.forEach(partition -> {
            OffsetAndMetadata offset = acknowledged.get(partition);
            consumer.seek(partition, offset == null ? first.getOrDefault(partition, 0L) : offset.offset());
        });
        return snapshots;
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer, SnapshotsToTell snapshots) throws InterruptedException {
        while (closing.getCount() > 0) {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                measure(consumer, message);
                if (!tell(message, snapshots)) {
                    return;
                }
                consumer.commitSync(Map.of(
                        new TopicPartition(message.topic(), message.partition()),
                        new OffsetAndMetadata(message.offset() + 1)));
            }
            measure(consumer, null);
            trouble = null;
        }
    }

    /// @param next the announcement that is told now; those behind it in the same poll are not told either
    private void measure(KafkaConsumer<byte[], byte[]> consumer, @Nullable ConsumerRecord<byte[], byte[]> next) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(FOLLOWED);
        lag = FOLLOWED.stream()
                .mapToLong(partition -> {
                    long position = next != null && next.topic().equals(partition.topic())
                            ? next.offset()
                            : consumer.position(partition);
                    return Math.max(0, ends.getOrDefault(partition, 0L) - position);
                })
                .sum();
    }

    /// @return false where the follower is closed meanwhile
    private boolean tell(ConsumerRecord<byte[], byte[]> message, SnapshotsToTell snapshots)
            throws InterruptedException {
        if (message.value() == null) {
            return true;
        }
        try {
            if (message.topic().equals(Topics.FILES_REFUSED)) {
                FilesRefused refused = JSON.readValue(message.value(), FilesRefused.class);
                return refused.retryable()
                        || deliver(events.refused(refused, Instant.ofEpochMilli(message.timestamp())));
            }
            TableCommitted committed = JSON.readValue(message.value(), TableCommitted.class);
            for (RunEvent event : built(() -> snapshots.events(committed))) {
                if (!deliver(event)) {
                    return false;
                }
            }
            snapshots.told(committed);
            return closing.getCount() > 0;
        } catch (JacksonException e) {
            LOG.atWarn()
                    .addKeyValue("topic", message.topic())
                    .addKeyValue("offset", message.offset())
                    .setCause(e)
                    .log("An announcement can not be read and is passed over");
            return true;
        }
    }

    /// What the catalog gives, however long it is away; nothing where the follower is closed meanwhile.
    private List<RunEvent> built(Supplier<List<RunEvent>> build) {
        while (closing.getCount() > 0) {
            try {
                return build.get();
            } catch (JacksonException e) {
                throw e;
            } catch (RuntimeException e) {
                failed("A table can not be read", e);
            }
        }
        return List.of();
    }

    /// @return false where the follower is closed meanwhile
    private boolean deliver(RunEvent event) throws InterruptedException {
        int refusals = 0;
        while (closing.getCount() > 0) {
            try {
                switch (receiver.tell(event)) {
                    case Outcome.Taken _ -> {
                        metrics.countTaken();
                        waits = newWaits();
                        trouble = null;
                        return true;
                    }
                    case Outcome.Refused refused -> {
                        if (++refusals == REFUSALS) {
                            passOver(event, refused.reason());
                            return true;
                        }
                        failed("The receiver refuses the event " + event.id(), new IOException(refused.reason()));
                    }
                }
            } catch (IOException e) {
                failed("The receiver of lineage does not take " + event.id(), e);
            }
        }
        return false;
    }

    private void passOver(RunEvent event, String reason) {
        metrics.countRefused();
        LOG.atWarn()
                .addKeyValue("eventId", event.id())
                .addKeyValue("target", receiver.target())
                .addKeyValue("reason", reason)
                .log("The receiver of lineage calls an event invalid; it is passed over");
    }

    private void failed(String what, Exception failure) {
        trouble = what + ": " + failure.getMessage();
        metrics.countFailed();
        LOG.atWarn().addKeyValue("target", receiver.target()).setCause(failure).log("Lineage is told later");
        try {
            closing.await(waits.nextBackOff(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            closing.countDown();
        }
    }

    /// Ends the thread. What is being told now is told again at the next start.
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            if (!thread.join(Duration.ofSeconds(20))) {
                LOG.atWarn().log("The thread that tells of lineage did not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        receiver.close();
    }
}
