package io.levada.catalog.erasure;

import io.levada.catalog.CatalogError;
import io.levada.catalog.SegmentEnd;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.events.TableProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.Table;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// The records of a raw table's change topics, as far as the table's stored offsets tell of them.
///
/// Records are deleted only as far as the table holds them all.
final class ChangeTopicRecords {
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final String bootstrapServers;

    ChangeTopicRecords(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /// A topic by the property that holds its next offset, and that offset.
    private record Stored(String property, TopicPartition partition, long offset) {}

    /// The offset after the last record of each topic now, by the property that holds the next one.
    Map<String, Long> ends(Table table) {
        Map<String, Long> ends = new TreeMap<>();
        withAdmin(table, admin -> {
            for (Stored stored : stored(admin, table)) {
                ends.put(
                        stored.property(),
                        get(admin.listOffsets(Map.of(stored.partition(), OffsetSpec.latest()))
                                        .partitionResult(stored.partition()))
                                .offset());
            }
        });
        return ends;
    }

    /// Whether the table holds all records before these ends. Behind the last record that counts stand markers of
    /// transactions, which no table stores an offset for.
    boolean areLanded(Table table, Map<String, Long> ends) {
        boolean[] landed = {true};
        withAdmin(table, admin -> {
            for (Stored stored : stored(admin, table)) {
                long end = ends.getOrDefault(stored.property(), 0L);
                landed[0] &= stored.offset() >= end || isEmpty(stored.partition(), stored.offset(), end);
            }
        });
        return landed[0];
    }

    private boolean isEmpty(TopicPartition partition, long from, long end) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "levada-catalog-erasure");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            consumer.assign(List.of(partition));
            long beginning = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, from);
            consumer.seek(partition, Math.max(from, beginning));
            long due = System.nanoTime() + ANSWER.toNanos();
            while (consumer.position(partition, ANSWER) < end) {
                if (!consumer.poll(Duration.ofMillis(500)).isEmpty()) {
                    return consumer.position(partition, ANSWER) > end;
                }
                if (System.nanoTime() - due >= 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /// Makes Kafka able to delete the bytes of the records that are there now.
    Erasure.Segments endSegments(Table table) {
        Map<String, Long> ends = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        withAdmin(table, admin -> {
            SegmentEnd segments = new SegmentEnd(bootstrapServers, admin);
            for (Stored stored : stored(admin, table)) {
                OptionalLong end = segments.of(stored.partition());
                if (end.isPresent()) {
                    ends.put(stored.property(), end.getAsLong());
                } else {
                    refused.add(stored.partition().topic());
                }
            }
        });
        return new Erasure.Segments(ends, refused);
    }

    /// Deletes what the table holds.
    ///
    /// @param ends where [#areLanded], deletes up to there too, and the table says that nothing was between
    /// @return the offset before which nothing is left, by topic
    Map<String, Long> delete(Table table, Map<String, Long> ends) {
        Map<String, Long> deleted = new HashMap<>();
        withAdmin(table, admin -> {
            for (Stored stored : stored(admin, table)) {
                long end = Math.max(stored.offset(), ends.getOrDefault(stored.property(), 0L));
                if (end > stored.offset()) {
                    // First, since landing may start anew as soon as the records are gone.
                    table.updateProperties()
                            .set(TableProperties.emptyBefore(stored.property()), Long.toString(end))
                            .commit();
                }
                get(admin.deleteRecords(Map.of(stored.partition(), RecordsToDelete.beforeOffset(end)))
                        .lowWatermarks()
                        .values()
                        .iterator()
                        .next());
                deleted.put(stored.partition().topic(), end);
            }
        });
        return deleted;
    }

    /// The topics of this cluster that the table has offsets of. One that was made anew is not among them.
    private static List<Stored> stored(Admin admin, Table table) throws Failure {
        String own = TableProperties.OFFSETS + get(admin.describeCluster().clusterId()) + ".";
        List<Stored> stored = new ArrayList<>();
        for (Map.Entry<String, String> property : table.properties().entrySet()) {
            if (property.getKey().startsWith(own)) {
                String[] parts = property.getKey().substring(own.length()).split("\\.", 2);
                Optional<String> topic = topic(admin, parts[0]);
                topic.ifPresent(name -> stored.add(new Stored(
                        property.getKey(),
                        new TopicPartition(name, Integer.parseInt(parts[1])),
                        Long.parseLong(property.getValue()))));
            }
        }
        return stored;
    }

    private static Optional<String> topic(Admin admin, String id) throws Failure {
        Uuid topic = Uuid.fromString(id);
        try {
            return Optional.of(get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(topic)))
                            .topicIdValues()
                            .values()
                            .iterator()
                            .next())
                    .name());
        } catch (Failure e) {
            if (e.getCause() instanceof UnknownTopicIdException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Uses Kafka.
    @FunctionalInterface
    private interface Use {
        void with(Admin admin) throws Failure;
    }

    private static final class Failure extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        Failure(Throwable cause) {
            super(cause);
        }
    }

    /// A table that no change topic fills needs no Kafka.
    private void withAdmin(Table table, Use use) {
        if (table.properties().keySet().stream().noneMatch(key -> key.startsWith(TableProperties.OFFSETS))) {
            return;
        }
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "levada-catalog-erasure");
        try (Admin admin = Admin.create(properties)) {
            use.with(admin);
        } catch (Failure | KafkaException e) {
            throw new MaintenanceException(
                    CatalogError.KAFKA_UNAVAILABLE,
                    "Kafka does not tell of a change topic: " + (e.getCause() == null ? e : e.getCause()),
                    e);
        }
    }

    private static <T> T get(KafkaFuture<T> answer) throws Failure {
        try {
            return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new Failure(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new Failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(e);
        }
    }
}
