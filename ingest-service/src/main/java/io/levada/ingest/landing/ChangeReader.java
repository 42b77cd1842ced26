package io.levada.ingest.landing;

import io.levada.ingest.IngestError;
import io.levada.ingest.changes.ChangeDecoder;
import io.levada.ingest.changes.ChangeSchema;
import io.levada.ingest.changes.SchemaRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the records of change topics with the schemas that they name. Not safe for use by several threads.
final class ChangeReader {
    private final SchemaRegistry registry;
    private final Map<Integer, ChangeDecoder> decoders = new HashMap<>();

    ChangeReader(SchemaRegistry registry) {
        this.registry = registry;
    }

    /// @throws IOException where the registry can not be reached: read again
    ReadChange read(byte @Nullable [] message) throws IOException {
        if (message == null || message.length < ChangeDecoder.HEADER_BYTES || message[0] != 0) {
            return new ReadChange.Unreadable(
                    IngestError.LANDING_UNREADABLE_CHANGE, "The record does not begin with the id of a schema");
        }
        int schemaId = ByteBuffer.wrap(message, 1, Integer.BYTES).getInt();
        ChangeDecoder decoder = decoders.get(schemaId);
        if (decoder == null) {
            Optional<ChangeSchema> schema;
            try {
                schema = registry.schema(schemaId);
            } catch (IllegalArgumentException e) {
                return unreadable(schemaId, e);
            }
            if (schema.isEmpty()) {
                return new ReadChange.Unreadable(
                        IngestError.LANDING_UNKNOWN_SCHEMA, "The schema registry has no schema " + schemaId);
            }
            decoder = new ChangeDecoder(schema.get());
            decoders.put(schemaId, decoder);
        }
        try {
            return new ReadChange.Readable(schemaId, decoder.schema(), decoder.decode(message));
        } catch (RuntimeException e) {
            // Decoding touches nothing but the record's own bytes, so it fails again however often it is tried.
            decoders.remove(schemaId);
            return unreadable(schemaId, e);
        }
    }

    private static ReadChange unreadable(int schemaId, RuntimeException cause) {
        return new ReadChange.Unreadable(
                IngestError.LANDING_UNREADABLE_CHANGE,
                "The record is no change of schema " + schemaId + " ("
                        + cause.getClass().getSimpleName() + ")");
    }
}
