package io.levada.ingest.landing;

import io.levada.events.FilesWritten;
import io.levada.events.OffsetRange;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeLayout;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/// The files that changes are being landed into, one for each partition of a change topic. What can not be taken goes
/// to quarantine beside them. Not safe for use by several threads.
final class OpenFiles {
    /// Files that were closed, to be offered in one transaction.
    ///
    /// @param offsets that the consumer group commits with the events
    /// @param quarantined what was put aside, by file
    record Closed(
            List<FilesWritten> events,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            long rows,
            List<Map<QuarantineCounts.Kind, Long>> quarantined) {}

    /// Where the changes of one schema go.
    private record Target(int schemaId, RawTarget table) {}

    private static final int MOST_CLOSED_AT_ONCE = 200;

    private final ChangeLanding.Settings settings;
    private final ChangeTopics identities;
    private final RawTables tables;
    private final LakeLayout layout;
    private final LandingSteps steps;

    private final Map<TopicPartition, OpenFile> open = new HashMap<>();

    /// Of each partition the newest only: a table's metadata may be large, and a table may have had many schemas.
    private final Map<TopicPartition, Target> targets = new HashMap<>();

    /// By partition, the end of the last range offered, where the next one starts. A range may begin with transaction
    /// markers.
    private final Map<TopicPartition, Long> covered = new HashMap<>();

    OpenFiles(
            ChangeLanding.Settings settings,
            ChangeTopics identities,
            RawTables tables,
            LakeLayout layout,
            LandingSteps steps) {
        this.settings = settings;
        this.identities = identities;
        this.tables = tables;
        this.layout = layout;
        this.steps = steps;
    }

    /// Says where the next range of a partition starts.
    void startAt(TopicPartition partition, long offset) {
        covered.put(partition, offset);
    }

    /// Whether the partition's open file has another schema or day, and is to be closed before the change is added.
    boolean endsBefore(ReadChange read, TopicPartition partition, OffsetDateTime now) {
        OpenFile file = open.get(partition);
        return file != null && !file.takes(schemaId(read), now.toLocalDate());
    }

    /// The offset after the newest change of the partition's open file.
    long end(TopicPartition partition) {
        return Objects.requireNonNull(open.get(partition)).endOffset();
    }

    /// Adds what a message holds to the partition's open file, or to a new one.
    void add(ReadChange read, ConsumerRecord<byte[], byte[]> message, OffsetDateTime now) {
        TopicPartition partition = new TopicPartition(message.topic(), message.partition());
        LandedTable landed = settings.table(message.topic());
        OpenFile file = open.get(partition);
        if (file == null) {
            file = new OpenFile(
                    target(read, partition),
                    schemaId(read),
                    covered.getOrDefault(partition, message.offset()),
                    now,
                    System.nanoTime(),
                    tables.quarantine());
            open.put(partition, file);
            steps.reached(LandingStep.FILE_OPENED, landed.rawTable());
        }
        file.takenTo(message.offset() + 1);
        switch (read) {
            case ReadChange.Readable readable -> add(readable.change(), landed, now, file);
            case ReadChange.Unreadable(IngestError error, String reason) ->
                file.putAside(bad(
                        landed,
                        message.topic() + "/" + message.partition() + "@" + message.offset(),
                        message.value() == null ? new byte[0] : message.value(),
                        error.code(),
                        reason));
        }
    }

    private static void add(Change change, LandedTable landed, OffsetDateTime now, OpenFile file) {
        Change.Refusal refused = change.refused();
        if (refused != null) {
            file.putAside(bad(
                    landed,
                    change.pos(),
                    refused.row().getBytes(StandardCharsets.UTF_8),
                    refused.code(),
                    refused.reason()));
        } else if (file.target() instanceof RawTarget.Refused target) {
            file.putAside(bad(
                    landed, change.pos(), ChangeText.of(change), target.code().code(), target.reason()));
        } else {
            file.add(change, now);
        }
    }

    private static QuarantinedRow bad(LandedTable landed, String position, byte[] raw, String code, String reason) {
        return new QuarantinedRow(landed.source(), landed.rawTable(), position, null, null, raw, code, reason);
    }

    private static int schemaId(ReadChange read) {
        return read instanceof ReadChange.Readable readable ? readable.schemaId() : OpenFile.NO_SCHEMA;
    }

    private RawTarget target(ReadChange read, TopicPartition partition) {
        LandedTable landed = settings.table(partition.topic());
        if (!(read instanceof ReadChange.Readable readable)) {
            return new RawTarget.Ready(tables.table(landed), Map.of());
        }
        Target last = targets.get(partition);
        if (last == null || last.schemaId() != readable.schemaId()) {
            last = new Target(
                    readable.schemaId(),
                    tables.target(
                            landed,
                            readable.schema().columns(),
                            readable.schema().key()));
            targets.put(partition, last);
        }
        return last.table();
    }

    /// The partitions whose files are to be closed now, the oldest first: not so many that Kafka would miss the next
    /// poll. The others stay due.
    ///
    /// @param inputEnded whether nothing more is to be expected
    List<TopicPartition> due(boolean inputEnded) {
        long bytes = open.values().stream().mapToLong(OpenFile::bytes).sum();
        boolean all = inputEnded || bytes > settings.openBytes();
        long now = System.nanoTime();
        return open.entrySet().stream()
                .filter(entry -> all || due(entry.getValue(), now))
                .sorted(Comparator.comparingLong((Map.Entry<TopicPartition, OpenFile> entry) ->
                                entry.getValue().ageNanos(now))
                        .reversed())
                .limit(MOST_CLOSED_AT_ONCE)
                .map(Map.Entry::getKey)
                .toList();
    }

    private boolean due(OpenFile file, long now) {
        return file.ageNanos(now) >= settings.flush().interval().toNanos()
                || file.bytes() >= settings.flush().bytes();
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /// Closes the files of some partitions. They stay here until they are [offered][#offered].
    ///
    /// @param ends by partition, the offset up to which its changes were added
    Closed close(Map<TopicPartition, Long> ends) {
        List<FilesWritten> events = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        List<Map<QuarantineCounts.Kind, Long>> quarantined = new ArrayList<>();
        long rows = 0;
        for (Map.Entry<TopicPartition, Long> entry : ends.entrySet()) {
            OpenFile file = open.get(entry.getKey());
            if (file == null) {
                continue;
            }
            OffsetRange range = range(entry.getKey(), file, entry.getValue());
            quarantined.add(file.quarantine().counts());
            file.quarantine().finish(List.of(range), null).ifPresent(events::add);
            FilesWritten event = FilesWritten.changes(
                    "changes-" + file.runId(),
                    settings.table(entry.getKey().topic()).rawTable(),
                    file.tableSchemaId(),
                    file.finish(),
                    List.of(range));
            steps.reached(LandingStep.FILE_CLOSED, event.table());
            RunManifest.write(file.table().io(), layout, file.date(), file.runId(), event);
            steps.reached(LandingStep.BEFORE_TRANSACTION, event.table());
            events.add(event);
            offsets.put(entry.getKey(), new OffsetAndMetadata(entry.getValue()));
            rows += file.rows();
        }
        return new Closed(events, offsets, rows, quarantined);
    }

    /// Forgets files whose transaction is committed.
    void offered(Closed closed) {
        closed.offsets().forEach((partition, offset) -> {
            open.remove(partition);
            covered.put(partition, offset.offset());
        });
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

    void discard(TopicPartition partition) {
        OpenFile file = open.remove(partition);
        if (file != null) {
            file.discard(null);
        }
    }

    void discardAll() {
        List.copyOf(open.keySet()).forEach(this::discard);
    }
}
