package io.levada.ingest.postgres.copy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.parquet.ParquetValueWriters;
import org.apache.iceberg.parquet.TripleWriter;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/// Writers of single columns: from a field of a [CopyRow], or of what all rows of a file share.
final class CopyFields {
    private CopyFields() {}

    /// @param place of the field in the row
    static ParquetValueWriter<CopyRow> of(
            CopyColumn column, int place, Types.NestedField target, Type field, ColumnDescriptor leaf) {
        return switch (column.kind()) {
            case ARRAY, PARSED -> new Generic(place, target, field);
            case BYTES, JSONB, UUID -> new Bytes(leaf, place);
            case RULED -> new Texts(leaf, place);
            case FLOAT4, FLOAT8 -> new Floating(leaf, place, target.fieldId());
            case NUMERIC ->
                leaf.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
                        ? new Fixed(leaf, place)
                        : new Numbers(leaf, place);
            case BOOL, INT2, INT4, INT8, OID, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> new Numbers(leaf, place);
        };
    }

    static ParquetValueWriter<CopyRow> shared(ColumnDescriptor leaf, Object value) {
        return switch (value) {
            case String text -> new Shared(leaf, Binary.fromString(text), 0);
            case Number number -> new Shared(leaf, null, number.longValue());
            default -> throw new IllegalArgumentException("No shared value can be a " + value.getClass());
        };
    }

    static ParquetValueWriter<CopyRow> absent(ColumnDescriptor leaf) {
        return new Absent(leaf);
    }

    private static final class Numbers extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final int place;
        private final PrimitiveTypeName physical;

        Numbers(ColumnDescriptor leaf, int place) {
            super(leaf);
            this.place = place;
            this.physical = leaf.getPrimitiveType().getPrimitiveTypeName();
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            if (row.isNull(place)) {
                column.writeNull(repetitionLevel, 0);
                return;
            }
            long value = row.numbers[place];
            switch (physical) {
                case INT32 -> column.writeInteger(repetitionLevel, (int) value);
                case INT64 -> column.writeLong(repetitionLevel, value);
                case BOOLEAN -> column.writeBoolean(repetitionLevel, value != 0);
                default -> throw new IllegalStateException("No number is written as " + physical);
            }
        }
    }

    /// Parquet's own statistics leave NaN out, so it is counted here.
    private static final class Floating extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final int place;
        private final int fieldId;
        private final boolean single;
        private long values;
        private long nulls;
        private long nans;
        private double lower = Double.POSITIVE_INFINITY;
        private double upper = Double.NEGATIVE_INFINITY;

        Floating(ColumnDescriptor leaf, int place, int fieldId) {
            super(leaf);
            this.place = place;
            this.fieldId = fieldId;
            this.single = leaf.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FLOAT;
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            values++;
            if (row.isNull(place)) {
                nulls++;
                column.writeNull(repetitionLevel, 0);
                return;
            }
            double value = Double.longBitsToDouble(row.numbers[place]);
            if (Double.isNaN(value)) {
                nans++;
            } else {
                lower = Math.min(lower, value);
                upper = Math.max(upper, value);
            }
            if (single) {
                column.writeFloat(repetitionLevel, (float) value);
            } else {
                column.writeDouble(repetitionLevel, value);
            }
        }

        @Override
        public Stream<FieldMetrics<?>> metrics() {
            if (values == nulls + nans) {
                return Stream.of(new FieldMetrics<>(fieldId, values, nulls, nans));
            }
            return Stream.of(
                    single
                            ? new FieldMetrics<>(fieldId, values, nulls, nans, (float) lower, (float) upper)
                            : new FieldMetrics<>(fieldId, values, nulls, nans, lower, upper));
        }
    }

    private static final class Bytes extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final int place;

        Bytes(ColumnDescriptor leaf, int place) {
            super(leaf);
            this.place = place;
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            if (row.isNull(place)) {
                column.writeNull(repetitionLevel, 0);
            } else {
                // Called reused so that a dictionary or a statistic keeps a copy, and not the whole row's bytes.
                column.writeBinary(
                        repetitionLevel, Binary.fromReusedByteArray(row.bytes, row.starts[place], row.lengths[place]));
            }
        }
    }

    /// Texts that stand in place of others.
    private static final class Texts extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final int place;

        Texts(ColumnDescriptor leaf, int place) {
            super(leaf);
            this.place = place;
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            if (row.isNull(place)) {
                column.writeNull(repetitionLevel, 0);
            } else {
                byte[] text = (byte[]) java.util.Objects.requireNonNull(row.values[place]);
                column.writeBinary(repetitionLevel, Binary.fromConstantByteArray(text));
            }
        }
    }

    /// Decimals of more than 18 digits.
    private static final class Fixed extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final int place;
        private final byte[] buffer;

        Fixed(ColumnDescriptor leaf, int place) {
            super(leaf);
            this.place = place;
            this.buffer = new byte[leaf.getPrimitiveType().getTypeLength()];
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            if (row.isNull(place)) {
                column.writeNull(repetitionLevel, 0);
                return;
            }
            byte[] digits = ((BigInteger) java.util.Objects.requireNonNull(row.values[place])).toByteArray();
            int padding = buffer.length - digits.length;
            Arrays.fill(buffer, 0, padding, (byte) (digits[0] < 0 ? 0xff : 0));
            System.arraycopy(digits, 0, buffer, padding, digits.length);
            column.writeBinary(repetitionLevel, Binary.fromReusedByteArray(buffer));
        }
    }

    /// Lists, and values that were read from text.
    private static final class Generic implements ParquetValueWriter<CopyRow> {
        private final int place;
        private final ParquetValueWriter<Record> writer;
        private final GenericRecord one;

        Generic(int place, Types.NestedField target, Type field) {
            this.place = place;
            Schema schema = new Schema(target);
            this.writer = GenericParquetWriter.create(schema, new MessageType("one", field));
            this.one = GenericRecord.create(schema);
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            one.set(0, row.isNull(place) ? null : row.values[place]);
            writer.write(repetitionLevel, one);
        }

        @Override
        public List<TripleWriter<?>> columns() {
            return writer.columns();
        }

        @Override
        public void setColumnStore(ColumnWriteStore columnStore) {
            writer.setColumnStore(columnStore);
        }

        @Override
        public Stream<FieldMetrics<?>> metrics() {
            return writer.metrics();
        }
    }

    private static final class Shared extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        private final @org.jspecify.annotations.Nullable Binary text;
        private final long number;
        private final PrimitiveTypeName physical;

        Shared(ColumnDescriptor leaf, @org.jspecify.annotations.Nullable Binary text, long number) {
            super(leaf);
            this.text = text;
            this.number = number;
            this.physical = leaf.getPrimitiveType().getPrimitiveTypeName();
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            if (text != null) {
                column.writeBinary(repetitionLevel, text);
            } else if (physical == PrimitiveTypeName.INT32) {
                column.writeInteger(repetitionLevel, (int) number);
            } else {
                column.writeLong(repetitionLevel, number);
            }
        }
    }

    private static final class Absent extends ParquetValueWriters.PrimitiveWriter<CopyRow> {
        Absent(ColumnDescriptor leaf) {
            super(leaf);
        }

        @Override
        public void write(int repetitionLevel, CopyRow row) {
            column.writeNull(repetitionLevel, 0);
        }
    }
}
