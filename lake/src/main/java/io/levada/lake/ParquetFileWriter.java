package io.levada.lake;

import io.levada.events.WrittenFile;
import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.columns.GenericValues;
import io.levada.lake.columns.ValueColumn;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/// Writes rows of one table and one partition to one Parquet file, with the table's field ids.
///
/// The file is created, never overwritten; it is synced when it is closed. Not safe for use by several threads.
public final class ParquetFileWriter implements AutoCloseable {
    private final ColumnarFile file;
    private final GenericValues[] values;

    private ParquetFileWriter(ColumnarFile file) {
        this.file = file;
        List<Types.NestedField> fields = file.schema().columns();
        ValueColumn[] columns = file.columns();
        this.values = new GenericValues[columns.length];
        for (int i = 0; i < columns.length; i++) {
            values[i] = new GenericValues(fields.get(i).type(), columns[i]);
        }
    }

    /// Opens a file.
    ///
    /// @param partitionPath such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
    public static ParquetFileWriter create(Table table, String location, String partitionPath) {
        List<ColumnarFile.Column> columns = table.schema().columns().stream()
                .map(field -> new ColumnarFile.Column(field.name(), false))
                .toList();
        return new ParquetFileWriter(ColumnarFile.create(table, location, partitionPath, Map.of(), columns, Map.of()));
    }

    /// An empty row of the schema that this file is written with.
    public GenericRecord newRow() {
        return GenericRecord.create(file.schema());
    }

    /// The schema that this file is written with.
    public Schema schema() {
        return file.schema();
    }

    public void write(Record row) {
        for (int i = 0; i < values.length; i++) {
            values[i].add(row.get(i));
        }
        file.endRow();
    }

    public long rows() {
        return file.rows();
    }

    /// Bytes written so far, those in memory estimated.
    public long bytes() {
        return file.bytes();
    }

    /// Closes and syncs the file.
    ///
    /// @throws IllegalStateException where no row was written: there is then no file
    public WrittenFile finish() {
        return file.finish();
    }

    /// Closes the file without offering it; what was written stays where it is, unreferenced.
    @Override
    public void close() {
        file.close();
    }
}
