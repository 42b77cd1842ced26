package io.levada.catalog.lineage;

import io.levada.catalog.lineage.RunEvents.RunEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// A topic of the pipeline's Kafka, made with one partition where it is missing; events are keyed by their job. Not
/// safe for use by several threads.
final class TopicReceiver implements LineageReceiver {
    private static final long ANSWER_SECONDS = 30;

    private final String bootstrapServers;
    private final String topic;
    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /// Asks Kafka nothing yet.
    TopicReceiver(String bootstrapServers, String topic) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
    }

    private KafkaProducer<byte[], byte[]> producer() throws IOException, InterruptedException {
        KafkaProducer<byte[], byte[]> open = producer;
        if (open == null) {
            create();
            Properties properties = new Properties();
            properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
            properties.put(ProducerConfig.CLIENT_ID_CONFIG, "levada-catalog-lineage");
            properties.put(ProducerConfig.ACKS_CONFIG, "all");
            properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "25000");
            properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
            properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
            properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
            properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
            open = new KafkaProducer<>(properties);
            producer = open;
        }
        return open;
    }

    private void create() throws IOException, InterruptedException {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "levada-catalog-lineage-admin");
        try (Admin admin = Admin.create(properties)) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) -1)))
                    .all()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IOException("Topic " + topic + " can not be created: " + e.getCause(), e);
            }
        } catch (TimeoutException e) {
            throw new IOException("Kafka does not answer within " + ANSWER_SECONDS + " s", e);
        }
    }

    @Override
    public Outcome tell(RunEvent event) throws IOException, InterruptedException {
        try {
            producer()
                    .send(new ProducerRecord<>(
                            topic,
                            event.job().getBytes(StandardCharsets.UTF_8),
                            event.json().getBytes(StandardCharsets.UTF_8)))
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return new Outcome.Taken();
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new IOException("Topic " + topic + " takes no event: " + e.getMessage(), e);
        }
    }

    @Override
    public String target() {
        return "topic " + topic;
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(1));
        }
    }
}
