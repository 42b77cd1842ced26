package io.levada.ingest.landing;

import io.levada.events.CloudEventHeaders;
import io.levada.events.FilesWritten;
import io.levada.events.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;
import tools.jackson.databind.json.JsonMapper;

/// Control events as Kafka records.
public final class ControlRecords {
    private ControlRecords() {}

    public static ProducerRecord<byte[], byte[]> of(FilesWritten event) {
        return of(Topics.FILES_WRITTEN, event, event.id(), event.table());
    }

    /// @param id the idempotency key
    /// @param table the record's key and the event's subject
    public static ProducerRecord<byte[], byte[]> of(String topic, Record event, String id, String table) {
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                topic,
                0,
                table.getBytes(StandardCharsets.UTF_8),
                JsonMapper.shared().writeValueAsBytes(event));
        CloudEventHeaders.of("ingest", event, id, table, Instant.now())
                .forEach((name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return message;
    }
}
