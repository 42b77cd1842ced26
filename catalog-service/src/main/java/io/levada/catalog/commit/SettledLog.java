package io.levada.catalog.commit;

import io.levada.catalog.SegmentEnd;
import io.levada.catalog.SettledEvents;
import io.levada.events.Topics;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/// The part of `levada.files-written` before the offset that the committer has acknowledged.
///
/// Events carry the least and the greatest values of columns, so those of erased rows have to go.
final class SettledLog implements SettledEvents {
    private static final TopicPartition PARTITION = new TopicPartition(Topics.FILES_WRITTEN, 0);
    private static final long ANSWER_SECONDS = 30;

    private final String bootstrapServers;

    SettledLog(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    public long delete() {
        try (Admin admin = admin()) {
            OffsetAndMetadata acknowledged = get(admin.listConsumerGroupOffsets(EventLog.GROUP)
                            .partitionsToOffsetAndMetadata(EventLog.GROUP))
                    .get(PARTITION);
            if (acknowledged == null) {
                return 0;
            }
            get(admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(acknowledged.offset())))
                    .all());
            return acknowledged.offset();
        }
    }

    @Override
    public boolean endSegment() {
        try (Admin admin = admin()) {
            return new SegmentEnd(bootstrapServers, admin).of(PARTITION).isPresent();
        }
    }

    private Admin admin() {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "levada-catalog-settled");
        return Admin.create(properties);
    }

    private static <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("Settled events can not be deleted", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted", e);
        }
    }
}
