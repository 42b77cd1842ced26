package io.levada.ingest.changes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.PlannedDataReader;
import org.jspecify.annotations.Nullable;

/// Decodes changes that were written with one schema. Not safe for use by several threads.
public final class ChangeDecoder {
    /// Bytes before the Avro: a zero and the schema's id.
    public static final int HEADER_BYTES = 5;

    private final ChangeSchema schema;
    private final PlannedDataReader<Record> reader;
    private @Nullable BinaryDecoder decoder;

    public ChangeDecoder(ChangeSchema schema) {
        this.schema = schema;
        this.reader = PlannedDataReader.create(schema.iceberg());
        this.reader.setSchema(schema.avro());
    }

    public ChangeSchema schema() {
        return schema;
    }

    /// @param message header and Avro
    public Change decode(byte[] message) {
        decoder = DecoderFactory.get().binaryDecoder(message, HEADER_BYTES, message.length - HEADER_BYTES, decoder);
        try {
            Record event = reader.read(null, decoder);
            return new Change(
                    (String) event.getField(ChangeSchema.OP),
                    (String) event.getField(ChangeSchema.POS),
                    (String) event.getField(ChangeSchema.SOURCE_POS),
                    (OffsetDateTime) event.getField(ChangeSchema.COMMIT_TIME),
                    (String) event.getField(ChangeSchema.TX),
                    schema.key().isEmpty() ? null : (Record) event.getField(ChangeSchema.OLD_KEY),
                    (Record) event.getField(ChangeSchema.BEFORE),
                    (Record) event.getField(ChangeSchema.AFTER),
                    unchanged(event.getField(ChangeSchema.UNCHANGED)),
                    refused(event));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> unchanged(@Nullable Object names) {
        return names instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /// Schemas of earlier versions have no such field.
    private static Change.@Nullable Refusal refused(Record event) {
        return event.getField(ChangeSchema.REFUSED) instanceof Record refused
                ? new Change.Refusal(
                        (String) refused.getField(ChangeSchema.REFUSED_CODE),
                        (String) refused.getField(ChangeSchema.REFUSED_REASON),
                        (String) refused.getField(ChangeSchema.REFUSED_ROW))
                : null;
    }
}
