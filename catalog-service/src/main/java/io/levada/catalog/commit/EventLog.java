package io.levada.catalog.commit;

import io.levada.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// The one partition of `levada.files-written`: read onwards from the oldest event that is not settled, and read again
/// at any offset. Not safe for use by several threads.
final class EventLog implements AutoCloseable {
    static final String GROUP = "levada-catalog-commit";

    private static final TopicPartition PARTITION = new TopicPartition(Topics.FILES_WRITTEN, 0);

    private final KafkaConsumer<byte[], byte[]> onward;
    private final KafkaConsumer<byte[], byte[]> again;

    private EventLog(KafkaConsumer<byte[], byte[]> onward, KafkaConsumer<byte[], byte[]> again) {
        this.onward = onward;
        this.again = again;
    }

    /// Opens the log at the offset that was acknowledged last; at its start where none was, or where that offset
    /// is from before it: only events that were settled are ever deleted.
    static EventLog open(String bootstrapServers) {
        KafkaConsumer<byte[], byte[]> onward = consumer(bootstrapServers, "levada-catalog-commit");
        KafkaConsumer<byte[], byte[]> again = null;
        try {
            again = consumer(bootstrapServers, "levada-catalog-commit-again");
            onward.assign(List.of(PARTITION));
            again.assign(List.of(PARTITION));
            OffsetAndMetadata committed = onward.committed(Set.of(PARTITION)).get(PARTITION);
            long start = onward.beginningOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            onward.seek(PARTITION, committed == null ? start : Math.max(start, committed.offset()));
            return new EventLog(onward, again);
        } catch (RuntimeException e) {
            onward.close();
            if (again != null) {
                again.close();
            }
            throw e;
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers, String clientId) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return new KafkaConsumer<>(properties);
    }

    /// The next events.
    List<FilesWrittenRecord> next(Duration timeout) {
        return records(onward, timeout);
    }

    /// The offset after the last event that [#next] returned, markers of transactions included.
    long position() {
        return onward.position(PARTITION);
    }

    /// Some events from an offset on, none at or behind [#position].
    ///
    /// @return the events, and the offset after the last of them
    Reread readAgain(long from, Duration timeout) {
        long end = position();
        again.seek(PARTITION, from);
        List<FilesWrittenRecord> read = records(again, timeout).stream()
                .filter(event -> event.offset() < end)
                .toList();
        return new Reread(read, Math.min(again.position(PARTITION), end));
    }

    /// @param next the offset to go on from
    record Reread(List<FilesWrittenRecord> events, long next) {}

    /// Acknowledges all events before an offset.
    void acknowledge(long offset) {
        onward.commitSync(Map.of(PARTITION, new OffsetAndMetadata(offset)));
    }

    private static List<FilesWrittenRecord> records(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
        return StreamSupport.stream(consumer.poll(timeout).records(PARTITION).spliterator(), false)
                .map(FilesWrittenRecord::of)
                .toList();
    }

    @Override
    public void close() {
        try (onward;
                again) {
            // closes both
        }
    }
}
