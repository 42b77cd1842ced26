package io.levada.lake.columns;

import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// A column whose values come in Iceberg's generic form, such as lists and structs, written by Iceberg's and
/// parquet-java's own writers.
final class NestedColumn extends ValueColumn {
    private final Type field;
    private final ParquetValueWriter<Record> writer;
    private final GenericRecord one;

    NestedColumn(Types.NestedField column, Type field) {
        Schema schema = new Schema(column);
        this.field = field;
        this.writer = GenericParquetWriter.create(schema, new MessageType("one", field));
        this.one = GenericRecord.create(schema);
    }

    Type field() {
        return field;
    }

    void start(ColumnWriteStore store) {
        writer.setColumnStore(store);
    }

    @Override
    public void addNull() {
        addValue(null);
    }

    @Override
    public void addValue(@Nullable Object value) {
        one.set(0, value);
    }

    boolean hasValue() {
        return one.get(0) != null;
    }

    /// Writes the value that the row has given.
    void write() {
        writer.write(0, one);
    }

    /// Writes that a row before this one has no value.
    void writeNull() {
        Object value = one.get(0);
        one.set(0, null);
        writer.write(0, one);
        one.set(0, value);
    }

    Stream<FieldMetrics<?>> metrics() {
        return writer.metrics();
    }
}
