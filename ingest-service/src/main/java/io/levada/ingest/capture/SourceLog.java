package io.levada.ingest.capture;

import io.levada.events.FilesWritten;
import io.levada.events.PublishedPosition;
import io.levada.events.Topics;
import io.levada.ingest.landing.ControlRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// One source's part of Kafka: its change topics, and the compacted topic in which its position and its load plans are
/// kept.
///
/// Opening it fences a predecessor: the producers' transactional ids come from project and source, `initTransactions`
/// ends what the predecessor left open, and only then the positions are read, to the high watermark. The change
/// methods ([#begin] to [#commit]) are for one thread, the load methods for any.
public final class SourceLog implements AutoCloseable {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final String source;
    private final String positionsTopic;
    private final KafkaProducer<byte[], byte[]> changes;
    private final KafkaProducer<byte[], byte[]> loads;
    private final JsonMapper json = JsonMapper.shared();
    private final Map<String, Future<RecordMetadata>> lastSent = new HashMap<>();
    private final SourceState state;
    private @Nullable PublishedPosition told;
    private boolean open;

    private SourceLog(String bootstrapServers, String project, String source) {
        this.source = source;
        this.positionsTopic = Topics.sourcePositions(source);
        this.state = new SourceState(source);
        this.changes = producer(bootstrapServers, "levada-ingest-" + project + "-" + source);
        this.loads = producer(bootstrapServers, "levada-ingest-" + project + "-" + source + "-load");
    }

    /// Fences a predecessor and reads what is stored. The topics exist already.
    static SourceLog open(String bootstrapServers, String project, String source) {
        SourceLog log = new SourceLog(bootstrapServers, project, source);
        try {
            log.changes.initTransactions();
            log.loads.initTransactions();
            log.read(bootstrapServers);
            return log;
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, String transactionalId) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.CLIENT_ID_CONFIG,
                        transactionalId,
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        transactionalId,
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        60_000,
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        256 * 1024,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        64 * 1024 * 1024,
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "lz4"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private void read(String bootstrapServers) {
        TopicPartition partition = new TopicPartition(positionsTopic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        IsolationLevel.READ_COMMITTED.name().toLowerCase(java.util.Locale.ROOT),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = highWatermark(bootstrapServers, partition);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(this::remember);
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("Topic " + positionsTopic + " can not be read to its end at offset " + end
                            + ": a transaction of another producer is open");
                }
            }
        }
    }

    private static long highWatermark(String bootstrapServers, TopicPartition partition) {
        try (KafkaConsumer<byte[], byte[]> uncommitted = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            return uncommitted.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        }
    }

    private void remember(ConsumerRecord<byte[], byte[]> message) {
        state.read(new String(message.key(), StandardCharsets.UTF_8), message.value());
    }

    /// The stored position; empty before the source was ever planned.
    public Optional<CapturePosition> position() {
        return state.position();
    }

    /// The stored plan of a table's load.
    public Optional<LoadPlan> plan(String table) {
        return state.plan(table);
    }

    /// Names of the tables that ever had a plan.
    Set<String> plannedTables() {
        return state.plannedTables();
    }

    /// Says which tables the source has now.
    void present(Set<String> tables) {
        state.present(tables);
    }

    /// Whether a table is wanted in a newer load than its stored plan.
    public boolean reloadWanted(String table) {
        return reloadReason(table).isPresent();
    }

    /// Why a table is wanted in a newer load than its stored plan; empty where it is not.
    public Optional<String> reloadReason(String table) {
        return state.reloadReason(table);
    }

    /// What operators said of the source.
    SourceControl control() {
        return state.control();
    }

    /// Stores what an operator said. As the other methods for orders, for the thread of the changes while nothing is
    /// captured.
    void storeControl(SourceControl said) {
        store(List.of(entry(said)));
        state.note(said);
    }

    /// How a table looked when it was last loaded or looked at.
    public Optional<TableForm> form(String table) {
        return state.form(table);
    }

    /// The columns that were decided for a collection of documents.
    public Optional<DocumentColumns> columns(String table) {
        return state.columns(table);
    }

    /// Stores the columns of a collection; they are durable when this returns. For any thread.
    public synchronized void storeColumns(DocumentColumns decided) {
        loads.beginTransaction();
        loads.send(entry(decided));
        loads.commitTransaction();
        state.note(decided);
    }

    /// Stores how tables look.
    public void storeForms(Collection<TableForm> seen) {
        store(seen.stream().map(this::entry).toList());
        seen.forEach(state::note);
    }

    /// Stores that tables are wanted in newer loads.
    void storeReloads(CapturePosition at, List<ReloadRequest> requests) {
        storeReloads(at, requests, List.of());
    }

    /// Stores that the source begins anew.
    void storeRepair(CapturePosition start, List<ReloadRequest> requests, SourceControl said) {
        storeReloads(start, requests, List.of(entry(said)));
        state.note(said);
    }

    /// The requests count before the position is published, which says what is complete without them; should storing
    /// fail, the log is opened anew.
    private void storeReloads(
            CapturePosition at, List<ReloadRequest> requests, List<ProducerRecord<byte[], byte[]>> more) {
        requests.forEach(state::note);
        List<ProducerRecord<byte[], byte[]>> entries = new ArrayList<>(position(at));
        requests.forEach(request -> entries.add(entry(request)));
        entries.addAll(more);
        store(entries);
        state.note(at);
    }

    /// Whether others read something else of the position than what is so: a load may have ended since. For the thread
    /// of the changes.
    public boolean isOutdated() {
        return position().filter(at -> !state.published(at).equals(told)).isPresent();
    }

    private List<ProducerRecord<byte[], byte[]>> position(CapturePosition at) {
        return List.of(entry(at), told(state.published(at)));
    }

    private ProducerRecord<byte[], byte[]> told(PublishedPosition published) {
        told = published;
        return entry(published);
    }

    private void store(List<ProducerRecord<byte[], byte[]>> entries) {
        changes.beginTransaction();
        entries.forEach(changes::send);
        changes.commitTransaction();
    }

    /// Stores where the source starts, together with its load plans, before anything is captured.
    public void storePlan(CapturePosition start, List<LoadPlan> loadPlans) {
        changes.beginTransaction();
        changes.send(entry(start));
        changes.send(told(start.published(source)));
        loadPlans.forEach(plan -> changes.send(entry(plan)));
        changes.commitTransaction();
        state.note(start);
        loadPlans.forEach(state::note);
    }

    public void begin() {
        changes.beginTransaction();
        open = true;
        lastSent.clear();
    }

    public void send(String topic, byte[] change) {
        lastSent.put(topic, changes.send(new ProducerRecord<>(topic, 0, null, change)));
    }

    /// Commits what was sent since [#begin], together with the position after it.
    public void commit(CapturePosition.Cursor cursor) {
        changes.flush();
        lastSent.forEach((topic, sent) -> cursor.ended(topic, offset(topic, sent) + 1));
        CapturePosition next = cursor.position();
        position(next).forEach(changes::send);
        changes.commitTransaction();
        open = false;
        state.note(next);
    }

    private static long offset(String topic, Future<RecordMetadata> sent) {
        try {
            return sent.get().offset();
        } catch (ExecutionException e) {
            throw new KafkaException("A change was not written to topic " + topic, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted while writing to topic " + topic, e);
        }
    }

    /// Stores plans that replace earlier ones of their tables.
    public void storePlans(List<LoadPlan> changed) {
        storePlans(changed, List.of());
    }

    /// Stores plans, and how their tables look in the snapshot that is read from here on.
    public synchronized void storePlans(List<LoadPlan> changed, List<TableForm> seen) {
        loads.beginTransaction();
        changed.forEach(plan -> loads.send(entry(plan)));
        seen.forEach(form -> loads.send(entry(form)));
        loads.commitTransaction();
        seen.forEach(state::note);
        changed.forEach(state::note);
    }

    /// Offers files of a load and stores how far its plan is done, in one transaction.
    ///
    /// @param after the plan with the files' steps done
    /// @param files in the order in which they are to be committed
    public synchronized void offer(LoadPlan after, List<FilesWritten> files) {
        loads.beginTransaction();
        files.forEach(event -> loads.send(ControlRecords.of(event)));
        loads.send(entry(after));
        loads.commitTransaction();
        state.note(after);
    }

    private ProducerRecord<byte[], byte[]> entry(Record value) {
        return new ProducerRecord<>(
                positionsTopic,
                0,
                SourceState.key(value).getBytes(StandardCharsets.UTF_8),
                json.writeValueAsBytes(value));
    }

    /// Aborts the open transaction, if there is one, after trouble.
    void abort() {
        if (!open) {
            return;
        }
        open = false;
        try {
            changes.abortTransaction();
        } catch (KafkaException _) {
            // Whoever opens this source's log next ends the transaction: initTransactions.
        }
    }

    @Override
    public void close() {
        abort();
        changes.close(CLOSE_TIMEOUT);
        loads.close(CLOSE_TIMEOUT);
    }
}
