package io.levada.sql;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything about one table.
///
/// @param columns in the table's order
/// @param snapshots newest first
public record TableDetail(TableSummary summary, List<Column> columns, List<Snapshot> snapshots) {
    public TableDetail {
        columns = List.copyOf(columns);
        snapshots = List.copyOf(snapshots);
    }

    /// @param type as the engine names it
    public record Column(String name, String type) {}

    /// @param operation as Iceberg names it, or null where nothing says it
    /// @param rows live rows in this snapshot, or null where nothing says it
    public record Snapshot(
            String snapshotId,
            Instant committedAt,
            @Nullable String operation,
            @Nullable Long rows) {}
}
