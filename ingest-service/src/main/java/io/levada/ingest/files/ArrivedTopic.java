package io.levada.ingest.files;

import io.levada.events.FileArrived;
import io.levada.events.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.json.JsonMapper;

/// The topic of files that arrived, which is the ledger of every file ever taken.
final class ArrivedTopic {
    static final TopicPartition PARTITION = new TopicPartition(Topics.FILE_ARRIVED, 0);
    static final String GROUP = "levada-ingest-files";

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ArrivedTopic() {}

    static FileArrived parse(ConsumerRecord<String, byte[]> record) {
        return JSON.readValue(record.value(), FileArrived.class);
    }

    static byte[] format(FileArrived arrived) {
        return JSON.writeValueAsBytes(arrived);
    }

    static Admin admin(Map<String, Object> kafka, String clientId) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return Admin.create(settings);
    }

    static KafkaConsumer<String, byte[]> consumer(Map<String, Object> kafka, String clientId) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /// Creates the topics of this path where they are absent.
    static void create(Admin admin) {
        for (String topic : List.of(Topics.FILE_ARRIVED, Topics.FILES_WRITTEN)) {
            NewTopic wanted = new NewTopic(topic, 1, (short) -1).configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1"));
            try {
                answer(admin.createTopics(List.of(wanted)).all());
            } catch (TopicExistsException _) {
                // made before, or by another service
            }
        }
    }

    /// Creates the topics where they are absent.
    ///
    /// @return the offset from which on announced files have not been offered yet
    static long prepare(Map<String, Object> kafka, String clientId) {
        try (Admin admin = admin(kafka, clientId + "-admin");
                KafkaConsumer<String, byte[]> consumer = consumer(kafka, clientId)) {
            create(admin);
            return committed(consumer);
        }
    }

    /// The group's committed offset; the beginning where it has none.
    static long committed(KafkaConsumer<String, byte[]> consumer) {
        OffsetAndMetadata offset = consumer.committed(Set.of(PARTITION)).get(PARTITION);
        return offset == null ? 0 : offset.offset();
    }

    /// The end of the topic, open transactions counted.
    static long highWatermark(Admin admin) {
        return answer(admin.listOffsets(
                                Map.of(PARTITION, OffsetSpec.latest()),
                                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .partitionResult(PARTITION))
                .offset();
    }

    /// Reads all of the topic up to its present end, waiting for open transactions before that.
    ///
    /// @param seen takes each event with its offset
    static void readAll(Map<String, Object> kafka, String clientId, BiConsumer<Long, FileArrived> seen) {
        try (Admin admin = admin(kafka, clientId + "-admin");
                KafkaConsumer<String, byte[]> consumer = consumer(kafka, clientId)) {
            long end = highWatermark(admin);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, 0);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    seen.accept(record.offset(), parse(record));
                    deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
                }
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("Topic " + PARTITION.topic() + " could not be read to its end " + end
                            + " within " + READ_TIMEOUT + ": a transaction may still be open");
                }
            }
        }
    }

    private static <T> T answer(org.apache.kafka.common.KafkaFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException cause) {
                throw cause;
            }
            throw new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("Kafka did not answer within 30 s", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
