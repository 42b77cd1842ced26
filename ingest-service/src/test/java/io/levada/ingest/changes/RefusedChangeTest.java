package io.levada.ingest.changes;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.lake.RawSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.avro.AvroSchemaUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.DataWriter;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

final class RefusedChangeTest {
    private static final ChangeSchema SCHEMA =
            ChangeSchema.of(List.of(new RawSchema.Column("id", Types.IntegerType.get())), List.of("id"));
    private static final Change REFUSED = new Change(
            "u",
            "0001-00000000000000000007",
            "0/1",
            OffsetDateTime.of(2026, 11, 21, 0, 0, 0, 0, ZoneOffset.UTC),
            "5",
            null,
            null,
            null,
            List.of(),
            new Change.Refusal("CAPTURE-VALUE-UNMAPPED", "column id: no", "{\"id\":\"x\"}"));

    @Test
    void travelsInTheTableSchema() {
        byte[] message = new ChangeEncoder(SCHEMA, 3).encode(REFUSED);

        Change read = new ChangeDecoder(ChangeSchema.parse(SCHEMA.avro().toString())).decode(message);

        assertThat(read).isEqualTo(REFUSED);
    }

    @Test
    void isAbsentFromChangesOfEarlierVersions() {
        List<Types.NestedField> fields = SCHEMA.iceberg().columns().stream()
                .filter(field -> !field.name().equals("refused"))
                .toList();
        org.apache.iceberg.Schema iceberg = new org.apache.iceberg.Schema(fields);
        Schema avro = AvroSchemaUtil.convert(iceberg, "Change");
        ChangeSchema earlier = new ChangeSchema(SCHEMA.columns(), SCHEMA.key(), iceberg, avro);
        byte[] message = EarlierEncoder.encode(earlier);

        Change read = new ChangeDecoder(earlier).decode(message);

        assertThat(read.refused()).isNull();
        assertThat(read.op()).isEqualTo("t");
    }

    /// Writes a truncate without the field that is new.
    private static final class EarlierEncoder {
        static byte[] encode(ChangeSchema schema) {
            GenericRecord event = GenericRecord.create(schema.iceberg());
            event.setField("op", "t");
            event.setField("pos", REFUSED.pos());
            event.setField("sourcePos", REFUSED.sourcePos());
            event.setField("commitTime", REFUSED.commitTime());
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(new byte[ChangeDecoder.HEADER_BYTES]);
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            try {
                DataWriter.<Record>create(schema.avro()).write(event, encoder);
                encoder.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out.toByteArray();
        }
    }
}
