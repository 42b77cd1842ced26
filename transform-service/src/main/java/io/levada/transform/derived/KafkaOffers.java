package io.levada.transform.derived;

import io.levada.events.CloudEventHeaders;
import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Offers results on `levada.files-written`. For use by one thread.
public final class KafkaOffers implements Offers {
    private static final String CLIENT_ID = "levada-transform-offers";
    private static final int BLOCK_MILLIS = 10_000;
    private static final int DELIVERY_MILLIS = 30_000;
    private static final int REQUEST_MILLIS = 10_000;
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final String bootstrapServers;
    private @Nullable KafkaProducer<String, byte[]> producer;

    public KafkaOffers(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    public void send(FilesWritten event) {
        ProducerRecord<String, byte[]> message = new ProducerRecord<>(
                Topics.FILES_WRITTEN, event.table(), JsonMapper.shared().writeValueAsBytes(event));
        CloudEventHeaders.of("transform", event, event.id(), event.table(), Instant.now())
                .forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            connected().send(message).get();
        } catch (KafkaException e) {
            throw unavailable(event, e);
        } catch (ExecutionException e) {
            throw unavailable(event, e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(event, e);
        }
    }

    private static TransformException unavailable(FilesWritten event, Throwable cause) {
        return new TransformException(
                TransformError.KAFKA_UNAVAILABLE,
                "Kafka did not take event " + event.id() + " of " + event.table() + ": " + cause.getMessage(),
                cause);
    }

    private KafkaProducer<String, byte[]> connected() {
        KafkaProducer<String, byte[]> existing = producer;
        if (existing == null) {
            existing = new KafkaProducer<>(
                    Map.<String, Object>of(
                            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                            ProducerConfig.CLIENT_ID_CONFIG, CLIENT_ID,
                            ProducerConfig.ACKS_CONFIG, "all",
                            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                            ProducerConfig.LINGER_MS_CONFIG, 0,
                            ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS,
                            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS,
                            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MILLIS,
                            ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
                    new StringSerializer(),
                    new ByteArraySerializer());
            producer = existing;
        }
        return existing;
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(CLOSE);
        }
    }
}
