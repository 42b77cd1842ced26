package io.levada.lake;

import io.levada.events.WrittenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;

/// Writes rows of one table and one partition to one Parquet file, with the table's field ids.
///
/// The file is created, never overwritten; it is synced when it is closed. Not safe for use by several threads.
public final class ParquetFileWriter implements AutoCloseable {
    private final Table table;
    private final Schema schema;
    private final String location;
    private final String partitionPath;
    private final FileAppender<Record> appender;
    private long rows;
    private boolean closed;

    private ParquetFileWriter(Table table, String location, String partitionPath) throws IOException {
        this.table = table;
        this.schema = table.schema();
        this.location = location;
        this.partitionPath = partitionPath;
        this.appender = Parquet.write(table.io().newOutputFile(location))
                .forTable(table)
                .createWriterFunc(GenericParquetWriter::create)
                .build();
    }

    /// Opens a file.
    ///
    /// @param partitionPath such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
    public static ParquetFileWriter create(Table table, String location, String partitionPath) {
        try {
            return new ParquetFileWriter(table, location, partitionPath);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + location, e);
        }
    }

    /// An empty row of the schema that this file is written with.
    public GenericRecord newRow() {
        return GenericRecord.create(schema);
    }

    /// The schema that this file is written with.
    public Schema schema() {
        return schema;
    }

    public void write(Record row) {
        appender.add(row);
        rows++;
    }

    public long rows() {
        return rows;
    }

    /// Bytes written so far, those in memory estimated.
    public long bytes() {
        return appender.length();
    }

    /// Closes and syncs the file.
    public WrittenFile finish() {
        closeAppender();
        DataFiles.Builder builder = DataFiles.builder(table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(appender.length())
                .withMetrics(appender.metrics());
        List<Long> splits = appender.splitOffsets();
        if (splits != null && !splits.isEmpty()) {
            builder.withSplitOffsets(splits);
        }
        if (!partitionPath.isEmpty()) {
            builder.withPartition(PartitionPath.parse(table.spec(), partitionPath));
        }
        return WrittenFiles.of(builder.build(), table.spec());
    }

    /// Closes the file without offering it; what was written stays where it is, unreferenced.
    @Override
    public void close() {
        closeAppender();
    }

    private void closeAppender() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            appender.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close " + location, e);
        }
    }
}
