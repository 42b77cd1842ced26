package io.levada.catalog.commit;

import io.levada.events.CloudEventHeaders;
import io.levada.events.FilesRefused;
import io.levada.events.TableCommitted;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.kafka.support.KafkaHeaders;
import tools.jackson.databind.json.JsonMapper;

/// Publishes through Spring Cloud Stream; the bindings send synchronously.
final class StreamPublisher implements EventPublisher {
    static final String TABLE_COMMITTED_BINDING = "catalogTableCommitted";
    static final String FILES_REFUSED_BINDING = "catalogFilesRefused";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StreamBridge bridge;

    StreamPublisher(StreamBridge bridge) {
        this.bridge = bridge;
    }

    @Override
    public void publish(TableCommitted event) {
        send(TABLE_COMMITTED_BINDING, event, event.id(), event.table());
    }

    @Override
    public void publish(FilesRefused event) {
        send(FILES_REFUSED_BINDING, event, event.id(), event.table());
    }

    private void send(String binding, Record event, String id, String table) {
        MessageBuilder<byte[]> message =
                MessageBuilder.withPayload(JSON.writeValueAsBytes(event)).setHeader(KafkaHeaders.KEY, bytes(table));
        CloudEventHeaders.of("catalog", event, id, table, Instant.now())
                .forEach((name, value) -> message.setHeader(name, bytes(value)));
        if (!bridge.send(binding, message.build())) {
            throw new IllegalStateException("Kafka did not take the event " + id);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
