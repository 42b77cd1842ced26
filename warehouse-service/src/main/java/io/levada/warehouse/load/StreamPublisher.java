package io.levada.warehouse.load;

import io.levada.events.CloudEventHeaders;
import io.levada.events.TableLoaded;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.kafka.support.KafkaHeaders;
import tools.jackson.databind.json.JsonMapper;

/// Publishes `TableLoaded` through Spring Cloud Stream; the binding sends synchronously.
final class StreamPublisher implements LoadedPublisher {
    private static final String BINDING = "warehouseTableLoaded-out-0";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StreamBridge bridge;

    StreamPublisher(StreamBridge bridge) {
        this.bridge = bridge;
    }

    @Override
    public void publish(LoadedTable loaded) {
        TableLoaded event = new TableLoaded(
                loaded.target(),
                loaded.from(),
                loaded.snapshotId(),
                loaded.inserted(),
                loaded.updated(),
                loaded.deleted());
        String id = loaded.target() + "@" + loaded.snapshotId();
        MessageBuilder<byte[]> message = MessageBuilder.withPayload(JSON.writeValueAsBytes(event))
                .setHeader(KafkaHeaders.KEY, bytes(loaded.target()));
        CloudEventHeaders.of("warehouse", event, id, loaded.target(), Instant.now())
                .forEach((name, value) -> message.setHeader(name, bytes(value)));
        if (!bridge.send(BINDING, message.build())) {
            throw new IllegalStateException("Kafka did not take the event " + id);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
