package io.levada.catalog.commit;

import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The topics of the committer: made where they are missing, and asked how far they go. Safe for use by several
/// threads.
final class ControlTopics implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration STATUS_ANSWER = Duration.ofSeconds(3);

    private final String bootstrapServers;
    private @Nullable Admin admin;

    /// Asks Kafka nothing yet.
    ControlTopics(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /// Made when it is first asked for: a host whose name can not be resolved yet is refused at once.
    private synchronized Admin admin() {
        if (admin == null) {
            Properties properties = new Properties();
            properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
            properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "levada-catalog-admin");
            admin = Admin.create(properties);
        }
        return admin;
    }

    /// Makes the topics that are missing.
    ///
    /// @throws KafkaException where Kafka does not answer
    void create() {
        Map<String, String> forever = Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1");
        Map<String, String> newest = Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                "-1",
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT);
        for (NewTopic topic : List.of(
                new NewTopic(Topics.FILES_WRITTEN, 1, (short) -1).configs(forever),
                new NewTopic(Topics.FILES_REFUSED, 1, (short) -1).configs(forever),
                new NewTopic(Topics.TABLE_COMMITTED, 1, (short) -1).configs(newest))) {
            try {
                admin().createTopics(List.of(topic)).all().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new KafkaException("Topic " + topic.name() + " can not be created", e);
                }
            } catch (TimeoutException e) {
                throw new KafkaException("Kafka at " + bootstrapServers + " does not answer", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new KafkaException("Interrupted", e);
            }
        }
    }

    /// The offset after the last `FilesWritten` whose transaction is decided.
    long filesWrittenEnd() {
        TopicPartition partition = new TopicPartition(Topics.FILES_WRITTEN, 0);
        try {
            return admin().listOffsets(
                            Map.of(partition, OffsetSpec.latest()),
                            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                    .partitionResult(partition)
                    .get(STATUS_ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("The end of " + Topics.FILES_WRITTEN + " can not be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted", e);
        }
    }

    /// The last announced snapshot of every table, read from Kafka.
    Map<String, Announced> announced() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "levada-catalog-announced");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        TopicPartition partition = new TopicPartition(Topics.TABLE_COMMITTED, 0);
        Map<String, Announced> snapshots = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofSeconds(1))) {
                    if (message.value() != null) {
                        TableCommitted event = JSON.readValue(message.value(), TableCommitted.class);
                        snapshots.put(event.table(), Announced.of(event));
                    }
                }
            }
        }
        return snapshots;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(5));
        }
    }
}
