package io.levada.ingest.landing;

import io.levada.events.FilesWritten;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Offers written files for commit: each call is one short Kafka transaction that holds the events and, with them, the
/// consumer offsets that the files cover.
///
/// Constructing one fences every older producer of the same transactional id and resolves its open transaction. Not
/// safe for use by several threads.
public final class FilesWrittenProducer implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final KafkaProducer<byte[], byte[]> producer;
    private final String transactionalId;

    /// @param kafkaSettings at least `bootstrap.servers`
    /// @throws KafkaException where the broker can not be reached within `max.block.ms`
    public FilesWrittenProducer(Map<String, Object> kafkaSettings, String transactionalId) {
        this.transactionalId = transactionalId;
        Map<String, Object> settings = new HashMap<>(kafkaSettings);
        settings.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
        settings.putIfAbsent(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /// Offers files that no consumer offset belongs to.
    ///
    /// @throws NotOffered see its kinds
    public void commit(List<FilesWritten> events) {
        commit(events, Map.of(), null);
    }

    /// Offers files, and moves the group's offsets in the same transaction.
    ///
    /// @param events in the order in which they are to be committed
    /// @throws NotOffered see its kinds
    public void commit(
            List<FilesWritten> events,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            @Nullable ConsumerGroupMetadata group) {
        if (!offsets.isEmpty() && group == null) {
            throw new IllegalArgumentException("Offsets of " + offsets.keySet() + " need the group they belong to");
        }
        try {
            producer.beginTransaction();
            for (FilesWritten event : events) {
                producer.send(ControlRecords.of(event));
            }
            if (group != null && !offsets.isEmpty()) {
                producer.sendOffsetsToTransaction(offsets, group);
            }
            producer.flush();
        } catch (KafkaException | IllegalStateException e) {
            throw aborted(e);
        }
        commitTransaction();
    }

    private void commitTransaction() {
        try {
            producer.commitTransaction();
        } catch (TimeoutException | InterruptException e) {
            throw new OutcomeUnknown(
                    "Whether the transaction of " + transactionalId + " was committed is not known", e);
        } catch (KafkaException | IllegalStateException e) {
            throw aborted(e);
        }
    }

    private NotOffered aborted(RuntimeException cause) {
        if (fatal(cause)) {
            return new Fenced("Producer " + transactionalId + " can not go on: " + cause.getMessage(), cause);
        }
        try {
            producer.abortTransaction();
        } catch (TimeoutException | InterruptException e) {
            e.addSuppressed(cause);
            return new OutcomeUnknown("Whether the transaction of " + transactionalId + " was aborted is not known", e);
        } catch (KafkaException | IllegalStateException e) {
            e.addSuppressed(cause);
            return new Fenced("Producer " + transactionalId + " can not abort: " + e.getMessage(), e);
        }
        return new Aborted("The transaction of " + transactionalId + " was aborted: " + cause.getMessage(), cause);
    }

    private static boolean fatal(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof InvalidProducerEpochException
                    || cause instanceof FencedInstanceIdException
                    || cause instanceof OutOfOrderSequenceException
                    || cause instanceof AuthorizationException
                    || cause instanceof AuthenticationException
                    || cause instanceof UnsupportedVersionException
                    || cause instanceof IllegalStateException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }

    /// Files were not offered, or it is not known whether they were.
    public abstract static sealed class NotOffered extends RuntimeException {
        NotOffered(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Nothing was offered and no offset moved. The same producer may be used again.
    public static final class Aborted extends NotOffered {
        Aborted(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// The producer is of no further use: a successor took its transactional id over, or the broker refuses it. What
    /// this call offered was not committed.
    public static final class Fenced extends NotOffered {
        Fenced(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// The broker did not answer in time, so the transaction may have been committed or not. The caller closes this
    /// producer, constructs a new one, which resolves the transaction, and then reads its committed offsets again.
    public static final class OutcomeUnknown extends NotOffered {
        OutcomeUnknown(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
