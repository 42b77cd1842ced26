package io.levada.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the segment file that a partition is written to. A broker deletes records that nobody may read any more only
/// with whole files, and never with the one that it writes to.
///
/// Kafka has no order for that. A file ends when a record comes that is younger than its first one by `segment.ms`. So
/// the topic's `segment.ms` is lowered for a moment, and records are written in transactions that are aborted: whoever
/// reads what is committed never sees them.
public final class SegmentEnd {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentEnd.class);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final String AT_ONCE = "1";

    /// A broker may take some milliseconds longer to heed a setting than to tell it.
    private static final int RECORDS = 3;

    private final String bootstrapServers;
    private final Admin admin;

    public SegmentEnd(String bootstrapServers, Admin admin) {
        this.bootstrapServers = bootstrapServers;
        this.admin = admin;
    }

    /// May be repeated: a file more does no harm.
    ///
    /// @return an offset behind all that was in the partition, and at or behind the first one of the file that is
    ///     written to now; empty where Kafka forbids us what it takes
    /// @throws KafkaException where Kafka does not answer
    public OptionalLong of(TopicPartition partition) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, partition.topic());
        try {
            Optional<String> own = own(topic);
            LOG.atInfo()
                    .addKeyValue("topic", partition.topic())
                    .log("The topic's segment.ms, {}, is lowered for a moment", own.orElse("which is the broker's"));
            set(topic, Optional.of(AT_ONCE));
            try {
                awaitTold(topic);
                return OptionalLong.of(write(partition));
            } finally {
                set(topic, own);
            }
        } catch (ExecutionException e) {
            if (isForbidden(e.getCause())) {
                LOG.atWarn()
                        .setCause(e.getCause())
                        .addKeyValue("topic", partition.topic())
                        .log("Kafka does not let the topic's segment file end");
                return OptionalLong.empty();
            }
            throw new KafkaException("The segment file of " + partition + " can not be ended", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException("Kafka does not answer about " + partition, e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static boolean isForbidden(@Nullable Throwable failure) {
        return failure instanceof AuthorizationException
                || failure instanceof PolicyViolationException
                || failure instanceof InvalidConfigurationException
                || failure instanceof UnsupportedVersionException;
    }

    /// The topic's own setting. What a crash has left of ours is none.
    private Optional<String> own(ConfigResource topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        ConfigEntry entry = told(topic);
        return entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG && !AT_ONCE.equals(entry.value())
                ? Optional.of(entry.value())
                : Optional.empty();
    }

    private ConfigEntry told(ConfigResource topic) throws ExecutionException, TimeoutException, InterruptedException {
        return get(Objects.requireNonNull(
                        admin.describeConfigs(List.of(topic)).values().get(topic)))
                .get(TopicConfig.SEGMENT_MS_CONFIG);
    }

    private void set(ConfigResource topic, Optional<String> value)
            throws ExecutionException, TimeoutException, InterruptedException {
        ConfigEntry entry = new ConfigEntry(TopicConfig.SEGMENT_MS_CONFIG, value.orElse(""));
        AlterConfigOp.OpType type = value.isPresent() ? AlterConfigOp.OpType.SET : AlterConfigOp.OpType.DELETE;
        get(admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, type))))
                .all());
    }

    private void awaitTold(ConfigResource topic) throws ExecutionException, TimeoutException, InterruptedException {
        long due = System.nanoTime() + ANSWER.toNanos();
        while (!AT_ONCE.equals(told(topic).value())) {
            if (System.nanoTime() - due >= 0) {
                throw new TimeoutException("segment.ms of " + topic.name() + " is not in force");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /// @return the offset of the last record
    private long write(TopicPartition partition) throws ExecutionException, TimeoutException, InterruptedException {
        long last = 0;
        try (KafkaProducer<byte[], byte[]> producer = producer(partition.topic())) {
            producer.initTransactions();
            for (int i = 0; i < RECORDS; i++) {
                producer.beginTransaction();
                last = get(producer.send(
                                new ProducerRecord<>(partition.topic(), partition.partition(), null, new byte[0])))
                        .offset();
                producer.abortTransaction();
            }
        } catch (AuthorizationException e) {
            throw new ExecutionException(e);
        }
        return last;
    }

    private KafkaProducer<byte[], byte[]> producer(String topic) {
        int millis = (int) ANSWER.toMillis();
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "levada-catalog-segment-end",
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "levada-catalog-segment-end-" + topic,
                        // Readers wait for the end of a transaction that a crash leaves open.
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        10_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        10_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        millis,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        millis,
                        ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG,
                        ""),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static <T> T get(Future<T> answer) throws ExecutionException, TimeoutException, InterruptedException {
        return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    }
}
