package io.levada.ingest.landing;

import io.levada.events.TableProperties;
import io.levada.ingest.IngestError;
import io.levada.lake.LakeCatalog;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/// Reads the change topics as a member of landing's group, from where the group left off. What is open of a
/// partition is discarded when it is taken away.
final class LandingConsumer implements AutoCloseable {
    private static final String GROUP = "levada-ingest-landing";

    private final ChangeLanding.Settings settings;
    private final ChangeTopics identities;
    private final LakeCatalog catalog;
    private final OpenFiles files;
    private final KafkaConsumer<byte[], byte[]> consumer;

    LandingConsumer(ChangeLanding.Settings settings, ChangeTopics identities, LakeCatalog catalog, OpenFiles files) {
        this.settings = settings;
        this.identities = identities;
        this.catalog = catalog;
        this.files = files;
        this.consumer = consumer(settings);
        consumer.subscribe(settings.topics().keySet(), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                partitions.forEach(files::discard);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                seek(partitions);
            }
        });
    }

    private static KafkaConsumer<byte[], byte[]> consumer(ChangeLanding.Settings settings) {
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

    /// The next records, by partition.
    ///
    /// @param atMost how long to wait for one
    /// @throws LandingStopped where changes are missing in Kafka
    ConsumerRecords<byte[], byte[]> poll(Duration atMost) {
        try {
            return consumer.poll(atMost);
        } catch (KafkaException e) {
            // What the listener throws is wrapped.
            throw e.getCause() instanceof LandingStopped stopped ? stopped : e;
        }
    }

    /// Gives records back that [#poll] brought: the next ones of the partition are those from the offset on.
    void giveBack(TopicPartition partition, long offset) {
        consumer.seek(partition, offset);
    }

    /// The offset of the next record of a partition; transaction markers may lie before it.
    long position(TopicPartition partition) {
        return consumer.position(partition);
    }

    ConsumerGroupMetadata groupMetadata() {
        return consumer.groupMetadata();
    }

    /// Puts the consumer where the group left off or, where it has never been, where the table says. Behind it an
    /// erasure may have deleted what counts for nobody, which the table says too. Kafka is asked once for all, as
    /// thousands of topics may be assigned at a time.
    private void seek(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
        partitions.forEach(partition -> seek(
                partition,
                beginnings.getOrDefault(partition, 0L),
                ends.getOrDefault(partition, 0L),
                committed.get(partition)));
    }

    private void seek(TopicPartition partition, long beginning, long end, @Nullable OffsetAndMetadata committed) {
        String offsets = identities.offsetProperty(partition.topic());
        long start = committed != null ? committed.offset() : offset(partition, offsets);
        boolean lost = start < beginning && offset(partition, TableProperties.emptyBefore(offsets)) < beginning;
        if (lost || start > end) {
            throw new LandingStopped(
                    IngestError.LANDING_OFFSET_LOST,
                    "Topic " + partition.topic() + " holds offsets " + beginning + " to " + end + ", but landing is at "
                            + start + ": changes are missing. Load the source anew with a new data directory");
        }
        consumer.seek(partition, Math.max(start, beginning));
        files.startAt(partition, start);
    }

    private long offset(TopicPartition partition, String property) {
        return catalog.load(settings.table(partition.topic()).rawTable())
                .map(table -> table.properties().get(property))
                .map(Long::parseLong)
                .orElse(0L);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
