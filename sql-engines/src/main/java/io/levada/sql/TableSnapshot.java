package io.levada.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/// One snapshot of a table of the lake, as DuckDB reads it.
///
/// @param snapshotId null where the table has no snapshot yet
/// @param bytes of its files that are read
/// @param committedAt null where the table has no snapshot yet
/// @param summary what the snapshot says of itself
public record TableSnapshot(
        ParquetTable table,
        @Nullable Long snapshotId,
        long bytes,
        @Nullable Instant committedAt,
        Map<String, String> summary) {
    public TableSnapshot {
        summary = Map.copyOf(summary);
    }

    /// The same snapshot, its files elsewhere.
    public TableSnapshot withFiles(UnaryOperator<String> place) {
        return new TableSnapshot(table.withFiles(place), snapshotId, bytes, committedAt, summary);
    }

    /// The newest snapshot that `table` knows of.
    ///
    /// @param name `namespace.name`
    /// @throws QueryException [SqlError#UNSUPPORTED_TABLE] where rows were deleted without rewriting
    /// their files, or where files are not Parquet
    public static TableSnapshot newest(String name, Table table) {
        return newest(name, table, RowCondition.ALL);
    }

    /// The same, without files that have no row of which a condition is true.
    public static TableSnapshot newest(String name, Table table, RowCondition rows) {
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null
                ? new TableSnapshot(new ParquetTable(name, table.schema(), List.of()), null, 0, null, Map.of())
                : of(name, table, snapshot, table.schema(), rows);
    }

    /// A snapshot of the table with a schema that it is read with.
    ///
    /// @throws QueryException as [#newest]
    public static TableSnapshot of(String name, Table table, Snapshot snapshot, Schema schema) {
        return of(name, table, snapshot, schema, RowCondition.ALL);
    }

    private static TableSnapshot of(String name, Table table, Snapshot snapshot, Schema schema, RowCondition rows) {
        List<String> files = new ArrayList<>();
        long bytes = 0;
        try (CloseableIterable<FileScanTask> tasks = table.newScan()
                .useSnapshot(snapshot.snapshotId())
                .filter(rows.in(schema))
                .planFiles()) {
            for (FileScanTask task : tasks) {
                check(name, snapshot, task);
                files.add(path(task.file().location()));
                bytes += task.file().fileSizeInBytes();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot plan the files of " + name, e);
        }
        return new TableSnapshot(
                TableFiles.of(name, table, schema, files),
                snapshot.snapshotId(),
                bytes,
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                snapshot.summary());
    }

    /// The same, as a view of another name.
    public TableSnapshot named(String view) {
        return new TableSnapshot(table.named(view), snapshotId, bytes, committedAt, summary);
    }

    private static void check(String name, Snapshot snapshot, FileScanTask task) {
        if (!task.deletes().isEmpty()) {
            throw new QueryException(
                    SqlError.UNSUPPORTED_TABLE,
                    "The table " + name + " has delete files in its snapshot " + snapshot.snapshotId()
                            + ", which are not read yet");
        }
        if (!task.file().format().name().toUpperCase(Locale.ROOT).equals("PARQUET")) {
            throw new QueryException(
                    SqlError.UNSUPPORTED_TABLE,
                    "The table " + name + " has files of the format "
                            + task.file().format() + "; only Parquet is read");
        }
    }

    private static String path(String location) {
        return location.startsWith("file:") ? URI.create(location).getPath() : location;
    }
}
