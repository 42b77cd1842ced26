package io.levada.lake;

import io.levada.events.WrittenFile;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;

/// Writes rows of one table and one partition to one Parquet file, with the table's field ids.
///
/// The file is created, never overwritten; it is synced when it is closed. Not safe for use by several threads.
public final class ParquetFileWriter implements AutoCloseable {
    private final ParquetFile<Record> file;

    private ParquetFileWriter(ParquetFile<Record> file) {
        this.file = file;
    }

    /// Opens a file.
    ///
    /// @param partitionPath such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
    public static ParquetFileWriter create(Table table, String location, String partitionPath) {
        return new ParquetFileWriter(
                ParquetFile.create(table, location, partitionPath, Map.of(), GenericParquetWriter::create));
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
        file.write(row);
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
