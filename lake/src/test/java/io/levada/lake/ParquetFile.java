package io.levada.lake;

import io.levada.events.WrittenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.parquet.schema.MessageType;

/// One Parquet file of one table and one partition as Iceberg's own writer makes it, to compare others with.
///
/// The file is created, never overwritten; it is synced when it is closed. Not safe for use by several threads.
///
/// @param <T> the rows' form
public final class ParquetFile<T> implements AutoCloseable {
    private final Table table;
    private final Schema schema;
    private final String location;
    private final String partitionPath;
    private final FileAppender<T> appender;
    private long rows;
    private boolean closed;

    private ParquetFile(Table table, String location, String partitionPath, FileAppender<T> appender) {
        this.table = table;
        this.schema = table.schema();
        this.location = location;
        this.partitionPath = partitionPath;
        this.appender = appender;
    }

    /// Opens a file.
    ///
    /// @param partitionPath such as `ingestion_date=2026-11-21`; empty for an unpartitioned table
    /// @param settings Iceberg's write properties that replace the table's
    /// @param rowWriter writes a row into the columns of the file's schema
    public static <T> ParquetFile<T> create(
            Table table,
            String location,
            String partitionPath,
            Map<String, String> settings,
            BiFunction<Schema, MessageType, ParquetValueWriter<?>> rowWriter) {
        try {
            FileAppender<T> appender = Parquet.write(table.io().newOutputFile(location))
                    .forTable(table)
                    .setAll(settings)
                    .createWriterFunc(rowWriter)
                    .build();
            return new ParquetFile<>(table, location, partitionPath, appender);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + location, e);
        }
    }

    /// The schema that this file is written with.
    public Schema schema() {
        return schema;
    }

    public void write(T row) {
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
    ///
    /// @throws IllegalStateException where no row was written: there is then no file
    public WrittenFile finish() {
        if (rows == 0) {
            throw new IllegalStateException("No row was written to " + location + ", so there is no file to offer");
        }
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
