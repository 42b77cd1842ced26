package io.levada.sql;

import io.levada.events.SourcePosition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything about one table.
///
/// @param columns in the table's order
/// @param snapshots newest first
/// @param schemas how the columns came to be, newest first; empty where nothing keeps it
public record TableDetail(
        TableSummary summary, List<Column> columns, List<Snapshot> snapshots, List<SchemaVersion> schemas) {
    public TableDetail {
        columns = List.copyOf(columns);
        snapshots = List.copyOf(snapshots);
        schemas = List.copyOf(schemas);
    }

    /// A table that keeps no history of its columns.
    public TableDetail(TableSummary summary, List<Column> columns, List<Snapshot> snapshots) {
        this(summary, columns, snapshots, List.of());
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

    /// The columns as they were from one moment on.
    ///
    /// @param schemaId as Iceberg numbers it
    /// @param snapshotId the first snapshot with these columns, or null where none is kept
    /// @param committedAt when that snapshot was committed, or null
    /// @param completeTo to which position of each source that snapshot is complete; empty where nothing is known
    /// @param changes against the version before; empty in the oldest that is known
    public record SchemaVersion(
            int schemaId,
            @Nullable String snapshotId,
            @Nullable Instant committedAt,
            Map<String, SourcePosition> completeTo,
            List<ColumnChange> changes) {
        public SchemaVersion {
            changes = List.copyOf(changes);
        }
    }

    /// What happened to a column.
    ///
    /// @param column its name since then, or the one that it had where it was dropped
    /// @param type its type since then, or the one that it had
    /// @param before the name or type before, where that is what changed
    public record ColumnChange(
            Kind kind, String column, String type, @Nullable String before) {
        public enum Kind {
            ADDED,
            DROPPED,
            RENAMED,
            /// To a type that holds all values of the one before.
            WIDENED,
            /// It may be NULL now.
            MADE_OPTIONAL
        }
    }
}
