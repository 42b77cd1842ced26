package io.levada.catalog.commit;

import io.levada.catalog.UnsettledEvent;
import io.levada.catalog.UnsettledEvents;
import io.levada.events.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads `levada.files-written` from the oldest event that is not settled to its end, one record at a time.
final class UnsettledLog implements UnsettledEvents {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final TopicPartition PARTITION = new TopicPartition(Topics.FILES_WRITTEN, 0);

    private final String bootstrapServers;
    private final LongSupplier settledOffset;

    /// @param settledOffset all events before it are settled; negative where that is not known yet
    UnsettledLog(String bootstrapServers, LongSupplier settledOffset) {
        this.bootstrapServers = bootstrapServers;
        this.settledOffset = settledOffset;
    }

    @Override
    public void read(Consumer<UnsettledEvent> each) {
        long from = settledOffset.getAsLong();
        if (from < 0) {
            throw new KafkaException("It is not known yet which events are settled");
        }
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties())) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION), ANSWER).getOrDefault(PARTITION, from);
            consumer.seek(PARTITION, from);
            long due = System.nanoTime() + ANSWER.toNanos();
            while (consumer.position(PARTITION, ANSWER) < end) {
                long before = consumer.position(PARTITION, ANSWER);
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofSeconds(1))) {
                    FilesWrittenRecord read = FilesWrittenRecord.of(message);
                    each.accept(new UnsettledEvent(read.table(), read.event()));
                }
                if (consumer.position(PARTITION, ANSWER) > before) {
                    due = System.nanoTime() + ANSWER.toNanos();
                } else if (System.nanoTime() - due >= 0) {
                    throw new KafkaException("Kafka gives no events from offset " + before + " on");
                }
            }
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "levada-catalog-unsettled");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return properties;
    }
}
