package io.levada.ingest.changes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.DataWriter;
import org.jspecify.annotations.Nullable;

/// Encodes changes of one table in the Confluent wire format: byte 0, the schema's id in four bytes, Avro.
///
/// Not safe for use by several threads.
public final class ChangeEncoder {
    private static final int HEADER_BYTES = 5;

    private final ChangeSchema schema;
    private final byte[] header;
    private final DataWriter<Record> writer;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    private final GenericRecord event;
    private BinaryEncoder encoder;

    public ChangeEncoder(ChangeSchema schema, int schemaId) {
        this.schema = schema;
        this.header =
                ByteBuffer.allocate(HEADER_BYTES).put((byte) 0).putInt(schemaId).array();
        this.writer = DataWriter.create(schema.avro());
        this.event = GenericRecord.create(schema.iceberg());
        this.encoder = EncoderFactory.get().binaryEncoder(out, null);
    }

    public ChangeSchema schema() {
        return schema;
    }

    public byte[] encode(Change change) {
        event.setField(ChangeSchema.OP, change.op());
        event.setField(ChangeSchema.POS, change.pos());
        event.setField(ChangeSchema.SOURCE_POS, change.sourcePos());
        event.setField(ChangeSchema.COMMIT_TIME, change.commitTime());
        event.setField(ChangeSchema.TX, change.tx());
        if (!schema.key().isEmpty()) {
            event.setField(ChangeSchema.OLD_KEY, change.oldKey());
        }
        event.setField(ChangeSchema.BEFORE, change.before());
        event.setField(ChangeSchema.AFTER, change.after());
        event.setField(ChangeSchema.UNCHANGED, change.unchanged().isEmpty() ? null : change.unchanged());
        event.setField(ChangeSchema.REFUSED, refused(change.refused()));
        out.reset();
        out.writeBytes(header);
        encoder = EncoderFactory.get().binaryEncoder(out, encoder);
        try {
            writer.write(event, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private @Nullable GenericRecord refused(Change.@Nullable Refusal refusal) {
        if (refusal == null) {
            return null;
        }
        GenericRecord record = GenericRecord.create(schema.refusedStruct());
        record.setField(ChangeSchema.REFUSED_CODE, refusal.code());
        record.setField(ChangeSchema.REFUSED_REASON, refusal.reason());
        record.setField(ChangeSchema.REFUSED_ROW, refusal.row());
        return record;
    }
}
