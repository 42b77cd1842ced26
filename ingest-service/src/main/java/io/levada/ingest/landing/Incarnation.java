package io.levada.ingest.landing;

import io.levada.events.Topics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// This process, among all that were ever started for the same work: the newest one does it.
///
/// Kafka fences whoever opened a transactional id earlier. That decides who writes, and nothing is written twice; but
/// two living processes that each open the id again after they were fenced stop one another for ever. So a process
/// claims its roles once, at its start, in the compacted topic [Topics#INGEST_INCARNATIONS], and looks there before
/// each time that it opens anything. A look that is out of date by the time of the opening fences the newer process
/// once more; that one looks, finds itself the newest, and opens again, while the older one finds the claim.
public final class Incarnation {
    private static final TopicPartition PARTITION = new TopicPartition(Topics.INGEST_INCARNATIONS, 0);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String bootstrapServers;
    private final Claim claim;
    private final Set<String> claimed = new HashSet<>();

    /// What a process says of itself when it takes roles over.
    ///
    /// @param id of the process, unique
    public record Claim(String id, Instant startedAt, String host, long pid) {
        /// For messages.
        public String process() {
            return "process " + pid + " on " + host + ", started at " + startedAt;
        }
    }

    private Incarnation(String bootstrapServers, Claim claim) {
        this.bootstrapServers = bootstrapServers;
        this.claim = claim;
    }

    /// The role of capturing a source.
    public static String source(String project, String source) {
        return project + "/source/" + source;
    }

    /// The role of landing changes as one instance of the consumer group.
    public static String landing(String project, String instance) {
        return project + "/landing/" + instance;
    }

    /// The role of taking files in.
    public static String files(String project) {
        return project + "/files";
    }

    /// A process that starts, with roles that it claims.
    public static Incarnation begin(String bootstrapServers, Collection<String> roles) {
        Incarnation incarnation = new Incarnation(
                bootstrapServers,
                new Claim(
                        UUID.randomUUID().toString(),
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        host(),
                        ProcessHandle.current().pid()));
        incarnation.claim(roles);
        return incarnation;
    }

    /// Claims those of the roles that it has not claimed before.
    ///
    /// @throws KafkaException where the claim may not be stored; it is then to be made again
    public synchronized void claim(Collection<String> roles) {
        List<String> unclaimed =
                roles.stream().filter(role -> !claimed.contains(role)).toList();
        if (unclaimed.isEmpty()) {
            return;
        }
        byte[] value = JSON.writeValueAsBytes(claim);
        ChangeTopics.ensure(bootstrapServers, List.of(), List.of(PARTITION.topic()));
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "levada-ingest-incarnation",
                        ProducerConfig.ACKS_CONFIG,
                        "all"),
                new StringSerializer(),
                new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            unclaimed.forEach(role -> sent.add(producer.send(new ProducerRecord<>(PARTITION.topic(), 0, role, value))));
            for (Future<?> future : sent) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw new KafkaException("The roles of this process could not be claimed", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        claimed.addAll(unclaimed);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "a host without a name";
        }
    }

    /// The process that has taken a role over from this one; this one leaves it alone from then on.
    ///
    /// @throws KafkaException where Kafka can not be asked
    public Optional<Claim> successor(String role) {
        Claim newest = newest(role);
        if (newest == null) {
            throw new KafkaException("Topic " + PARTITION.topic() + " holds no claim of " + role);
        }
        return newest.id().equals(claim.id()) ? Optional.empty() : Optional.of(newest);
    }

    private @Nullable Claim newest(String role) {
        byte @Nullable [] newest = null;
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        "levada-ingest-incarnation",
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    newest = role.equals(record.key()) ? record.value() : newest;
                }
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("Topic " + PARTITION.topic() + " can not be read to its end at " + end);
                }
            }
        }
        return newest == null ? null : JSON.readValue(newest, Claim.class);
    }
}
