package io.levada.catalog.commit;

import io.levada.events.PublishedPosition;
import io.levada.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The thread that follows the positions topics of all sources. Commits never wait for it: without it tables only name
/// earlier positions, or none.
final class PositionsFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PositionsFollower.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration LOOK_FOR_SOURCES = Duration.ofSeconds(2);

    /// Positions that are read again at start. Earlier ones matter only to tables that are further behind.
    private static final long READ_BACK = 10_000;

    private final String bootstrapServers;
    private final PublishedPositions positions;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    PositionsFollower(String bootstrapServers, PublishedPositions positions) {
        this.bootstrapServers = bootstrapServers;
        this.positions = positions;
        this.thread = Thread.ofPlatform().name("levada-catalog-positions").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
        while (closing.getCount() > 0) {
            try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                follow(consumer, backoff);
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("Source positions are not followed; it is tried again");
                pause(backoff.next());
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "levada-catalog-positions");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "5000");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return new KafkaConsumer<>(properties);
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer, Backoff backoff) {
        long lookAt = System.nanoTime();
        while (closing.getCount() > 0) {
            if (System.nanoTime() - lookAt >= 0) {
                assign(consumer);
                lookAt = System.nanoTime() + LOOK_FOR_SOURCES.toNanos();
                backoff.reset();
            }
            if (consumer.assignment().isEmpty()) {
                pause(POLL);
            } else {
                consumer.poll(POLL).forEach(this::take);
            }
        }
    }

    /// Follows the topics of sources that are new.
    private static void assign(KafkaConsumer<byte[], byte[]> consumer) {
        Set<TopicPartition> followed = consumer.assignment();
        List<TopicPartition> added = new ArrayList<>();
        for (String topic : consumer.listTopics().keySet()) {
            TopicPartition partition = new TopicPartition(topic, 0);
            if (Topics.sourceOfPositions(topic).isPresent() && !followed.contains(partition)) {
                added.add(partition);
            }
        }
        if (added.isEmpty()) {
            return;
        }
        Set<TopicPartition> all = new HashSet<>(followed);
        all.addAll(added);
        consumer.assign(all);
        Map<TopicPartition, Long> first = consumer.beginningOffsets(added);
        consumer.endOffsets(added)
                .forEach((partition, end) ->
                        consumer.seek(partition, Math.max(first.getOrDefault(partition, 0L), end - READ_BACK)));
    }

    private void take(ConsumerRecord<byte[], byte[]> message) {
        if (message.key() == null
                || message.value() == null
                || !PublishedPosition.KEY.equals(new String(message.key(), StandardCharsets.UTF_8))) {
            return;
        }
        try {
            positions.published(JSON.readValue(message.value(), PublishedPosition.class));
        } catch (JacksonException | NullPointerException e) {
            LOG.atWarn()
                    .addKeyValue("topic", message.topic())
                    .addKeyValue("offset", message.offset())
                    .setCause(e)
                    .log("A source position can not be read and is passed over");
        }
    }

    private void pause(Duration time) {
        try {
            closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            closing.countDown();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            if (!thread.join(Duration.ofSeconds(20))) {
                LOG.atWarn().log("The thread that follows source positions did not end");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
