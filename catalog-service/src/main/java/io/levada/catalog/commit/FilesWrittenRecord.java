package io.levada.catalog.commit;

import io.levada.events.FilesWritten;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A record of `levada.files-written`.
///
/// @param table that the event is for; the record's key where the event can not be read
/// @param event null where it can not be read
/// @param problem why it can not be read; empty where it can
record FilesWrittenRecord(
        long offset, String table, @Nullable FilesWritten event, String problem) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static FilesWrittenRecord of(ConsumerRecord<byte[], byte[]> message) {
        String key = message.key() == null ? "" : new String(message.key(), StandardCharsets.UTF_8);
        if (message.value() == null) {
            return new FilesWrittenRecord(message.offset(), key, null, "The record has no value");
        }
        try {
            FilesWritten event = JSON.readValue(message.value(), FilesWritten.class);
            if (event.table().indexOf('.') < 1) {
                return new FilesWrittenRecord(
                        message.offset(), key, null, "Table '" + event.table() + "' has no namespace");
            }
            return new FilesWrittenRecord(message.offset(), event.table(), event, "");
        } catch (JacksonException | NullPointerException e) {
            return new FilesWrittenRecord(message.offset(), key, null, "Not a FilesWritten: " + e.getMessage());
        }
    }
}
