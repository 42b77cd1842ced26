package io.levada.ingest.files;

import io.levada.events.CloudEventHeaders;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The files that one source has announced. Only this ledger's transactional producer adds to it, and constructing
/// one fences every older one before the ledger is read, so numbers have neither gaps nor repeats.
///
/// After any exception of [#append] the ledger is of no further use: a new one finds out what was committed. Not safe
/// for use by several threads.
final class FileLedger implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final String source;
    private final KafkaProducer<String, byte[]> producer;
    private final Map<String, List<FileArrived>> versions = new HashMap<>();
    private final Map<String, Long> lastNumbers = new TreeMap<>();
    private final Map<String, Map<Long, FileArrived>> byNumber = new HashMap<>();
    private final Map<String, Set<Long>> replayed = new HashMap<>();
    private final TreeMap<Long, FileIdentity> byOffset = new TreeMap<>();

    /// @throws KafkaException where the broker can not be reached
    FileLedger(String project, String source, Map<String, Object> kafka) {
        this.source = source;
        String transactionalId = "levada-" + project + "-files-" + source;
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.putIfAbsent(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            ArrivedTopic.readAll(kafka, "levada-ingest-files-" + source + "-ledger", (offset, arrived) -> {
                if (arrived.file().source().equals(source)) {
                    remember(arrived);
                    byOffset.put(offset, arrived.file());
                }
            });
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private void remember(FileArrived arrived) {
        FileIdentity file = arrived.file();
        lastNumbers.merge(file.table(), file.number(), Math::max);
        byNumber.computeIfAbsent(file.table(), _ -> new HashMap<>()).put(file.number(), arrived);
        if (arrived.replayOf() != null) {
            replayed.computeIfAbsent(file.table(), _ -> new HashSet<>()).add(arrived.replayOf());
        } else {
            versions.computeIfAbsent(file.path(), _ -> new ArrayList<>(1)).add(arrived);
        }
    }

    /// What a path was announced with, in order; empty where it is new.
    List<FileArrived> versions(String path) {
        return List.copyOf(versions.getOrDefault(path, List.of()));
    }

    /// The file that was announced with a number.
    Optional<FileArrived> arrived(String table, long number) {
        return Optional.ofNullable(byNumber.getOrDefault(table, Map.of()).get(number));
    }

    /// Whether a file was announced that takes what this one brought to quarantine in again.
    boolean isReplayed(String table, long number) {
        return replayed.getOrDefault(table, Set.of()).contains(number);
    }

    /// The number of the last announced file by raw table.
    Map<String, Long> lastNumbers() {
        return Map.copyOf(lastNumbers);
    }

    /// The number that the next file of a table has.
    long nextNumber(String table) {
        return lastNumbers.getOrDefault(table, 0L) + 1;
    }

    /// How many files the ledger had, when it was read, before an offset of the topic.
    long before(long offset) {
        return byOffset.headMap(offset).size();
    }

    /// The files that the ledger had, when it was read, from an offset of the topic on.
    List<FileIdentity> from(long offset) {
        return new ArrayList<>(byOffset.tailMap(offset).values());
    }

    /// Announces files in one transaction.
    ///
    /// @param files numbered from [#nextNumber] on
    void append(List<FileArrived> files) {
        producer.beginTransaction();
        for (FileArrived arrived : files) {
            producer.send(record(arrived));
        }
        producer.commitTransaction();
        files.forEach(this::remember);
    }

    private ProducerRecord<String, byte[]> record(FileArrived arrived) {
        FileIdentity file = arrived.file();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(Topics.FILE_ARRIVED, file.table(), ArrivedTopic.format(arrived));
        CloudEventHeaders.of(
                        "ingest",
                        arrived,
                        source + "/" + file.table() + "/" + file.number() + "@" + file.sha256(),
                        file.table(),
                        arrived.arrivedAt())
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
