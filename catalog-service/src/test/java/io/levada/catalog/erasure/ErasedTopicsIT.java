package io.levada.catalog.erasure;

import static io.levada.catalog.erasure.ErasedLake.NAME;
import static io.levada.catalog.erasure.ErasedLake.RAW;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.FilesWithText;
import io.levada.events.TableProperties;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an erasure does to the change topics of a table, on a real broker.
class ErasedTopicsIT {
    private static final String CHANGES = "levada.changes.shop.person";
    private static final String BEFORE = "levada.changes.shop.person_before";

    @TempDir
    private Path directory;

    private final List<Integer> ports = FreePorts.of(2);
    private EmbeddedKafka kafka;
    private ErasedLake lake;

    @BeforeEach
    void open() throws Exception {
        kafka = startKafka();
        lake = new ErasedLake(directory.resolve("service"));
        lake.bootstrapServers = kafka.bootstrapServers();
        lake.createRaw();
        lake.landPeople();
    }

    private EmbeddedKafka startKafka() {
        return EmbeddedKafka.start(logs(), ports.getFirst(), ports.getLast());
    }

    private Path logs() {
        return directory.resolve("kafka");
    }

    @AfterEach
    void close() {
        lake.close();
        kafka.close();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    /// A topic with two changes in a transaction each, and how far the table holds it.
    private void createTopic(Admin admin, String topic, long stored, Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        all.put(TopicConfig.FILE_DELETE_DELAY_MS_CONFIG, "100");
        String id = admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty()).configs(all)))
                .topicId(topic)
                .get()
                .toString();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", topic),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            for (String value : List.of(NAME, NAME + " M.")) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(topic, 0, null, value.getBytes(StandardCharsets.UTF_8)))
                        .get();
                producer.commitTransaction();
            }
        }
        String cluster = admin.describeCluster().clusterId().get();
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.OFFSETS + cluster + "." + id + ".0", Long.toString(stored))
                .commit();
    }

    /// Files that the broker deletes meanwhile hold nothing.
    private boolean isOnDisk(String topic) throws IOException {
        try (Stream<Path> files = Files.list(logs().resolve(topic + "-0"))) {
            return files.anyMatch(file -> {
                try {
                    return FilesWithText.bytesHave(file, NAME);
                } catch (NoSuchFileException _) {
                    return false;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static ConfigEntry segmentMs(Admin admin, String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .values()
                .iterator()
                .next()
                .get(TopicConfig.SEGMENT_MS_CONFIG);
    }

    private static long start(Admin admin, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    @Test
    void deletesNoRecordThatTheTableDoesNotHold() throws Exception {
        try (Admin admin = admin()) {
            createTopic(admin, CHANGES, 2, Map.of());

            Eraser.Step waits = lake.advance(lake.eraser().order(RAW, List.of("1")));

            assertThat(waits.erasure().stage()).isEqualTo(Erasure.Stage.REMOVING);
            assertThat(waits.waitingFor()).isEqualTo("changes that Kafka held at the order to be landed in " + RAW);
            assertThat(lake.history()).as("what has landed").containsExactly("2 c 2 Bob", "4 u 2 Bo");
            assertThat(start(admin, CHANGES)).isZero();

            // Landing offers the last change, and the committer takes it.
            String offset = lake.table(RAW).properties().keySet().stream()
                    .filter(name -> name.startsWith(TableProperties.OFFSETS))
                    .findFirst()
                    .orElseThrow();
            lake.table(RAW).updateProperties().set(offset, "3").commit();

            assertThat(lake.advance(waits.erasure()).erasure().stage()).isEqualTo(Erasure.Stage.FOLLOWING);
            assertThat(start(admin, CHANGES)).isGreaterThan(4);
        }
    }

    /// The broker looks for what it can delete half a minute after its start, and then every five minutes.
    @Test
    void theBytesOfTheRecordsLeaveTheBrokersDisk() throws Exception {
        try (Admin admin = admin()) {
            createTopic(admin, CHANGES, 4, Map.of());
            // The table was committed to before the last marker of a transaction was read.
            createTopic(admin, BEFORE, 3, Map.of(TopicConfig.SEGMENT_MS_CONFIG, "600000"));
            assertThat(isOnDisk(CHANGES)).isTrue();
            lake.eraser().order(RAW, List.of("1"));

            Eventually.within(Eventually.PATIENCE, () -> !lake.advanceOpen((_, _) -> {}), done -> done);

            for (String topic : List.of(CHANGES, BEFORE)) {
                long start = start(admin, topic);
                assertThat(start).as(topic).isGreaterThan(4);
                assertThat(lake.table(RAW).properties())
                        .anySatisfy((name, value) -> assertThat(name + value)
                                .startsWith(TableProperties.EMPTY_BEFORE)
                                .endsWith(Long.toString(start)));
            }
            assertThat(segmentMs(admin, CHANGES).source()).isNotEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            assertThat(segmentMs(admin, BEFORE).value()).isEqualTo("600000");
            // Whoever orders once more finds the records gone.
            lake.eraser().order(RAW, List.of("77"));
            Eventually.within(Eventually.PATIENCE, () -> !lake.advanceOpen((_, _) -> {}), done -> done);
        }
        kafka.close();
        kafka = startKafka();

        Eventually.within(Eventually.PATIENCE, () -> isOnDisk(CHANGES) || isOnDisk(BEFORE), there -> !there);
    }
}
