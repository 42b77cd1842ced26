package io.levada.ingest.postgres.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.iceberg.parquet.TripleWriter;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/// Writes a [CopyRow] into the columns of a Parquet file, and beside it what all rows of the file share.
///
/// Columns of the file that neither the row nor the shared values have are NULL.
final class CopyRowWriter implements ParquetValueWriter<CopyRow> {
    private final List<ParquetValueWriter<CopyRow>> fields = new ArrayList<>();
    private final ParquetValueWriter<CopyRow>[] writers;

    /// @param columns of the row, in its order
    /// @param shared by column name: strings, and numbers in Iceberg's internal representation
    @SuppressWarnings("unchecked")
    CopyRowWriter(Schema schema, MessageType file, List<CopyColumn> columns, Map<String, Object> shared) {
        Map<String, Integer> places = new java.util.HashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i).name(), i);
        }
        for (Type field : file.getFields()) {
            Types.NestedField column = schema.findField(field.getId().intValue());
            Integer place = places.get(column.name());
            List<ColumnDescriptor> leaves = file.getColumns().stream()
                    .filter(leaf -> leaf.getPath()[0].equals(field.getName()))
                    .toList();
            if (place != null) {
                fields.add(CopyFields.of(columns.get(place), place, column, field, leaves.getFirst()));
            } else if (shared.get(column.name()) instanceof Object value) {
                fields.add(CopyFields.shared(leaves.getFirst(), value));
            } else {
                leaves.forEach(leaf -> fields.add(CopyFields.absent(leaf)));
            }
        }
        writers = fields.toArray(ParquetValueWriter[]::new);
    }

    @Override
    public void write(int repetitionLevel, CopyRow row) {
        for (ParquetValueWriter<CopyRow> writer : writers) {
            writer.write(repetitionLevel, row);
        }
    }

    @Override
    public List<TripleWriter<?>> columns() {
        List<TripleWriter<?>> columns = new ArrayList<>();
        fields.forEach(field -> columns.addAll(field.columns()));
        return columns;
    }

    @Override
    public void setColumnStore(ColumnWriteStore columnStore) {
        fields.forEach(field -> field.setColumnStore(columnStore));
    }

    @Override
    public Stream<FieldMetrics<?>> metrics() {
        return fields.stream().flatMap(ParquetValueWriter::metrics);
    }
}
