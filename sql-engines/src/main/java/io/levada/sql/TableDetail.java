package io.levada.sql;

import io.levada.events.FileIdentity;
import io.levada.events.OffsetRange;
import io.levada.events.SnapshotInputs;
import io.levada.events.SourcePosition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything about one table.
///
/// @param columns in the table's order
/// @param snapshots newest first
/// @param moreSnapshots whether there are older ones
/// @param schemas how the columns came to be, newest first; empty where nothing keeps it
public record TableDetail(
        TableSummary summary,
        List<Column> columns,
        List<Snapshot> snapshots,
        boolean moreSnapshots,
        List<SchemaVersion> schemas) {
    public TableDetail {
        columns = List.copyOf(columns);
        snapshots = List.copyOf(snapshots);
        schemas = List.copyOf(schemas);
    }

    /// A table that keeps no history of its columns.
    public TableDetail(TableSummary summary, List<Column> columns, List<Snapshot> snapshots) {
        this(summary, columns, snapshots, false, List.of());
    }

    /// @param type as the engine names it
    public record Column(String name, String type) {}

    /// A state that the table had.
    ///
    /// @param parentId the snapshot before, or null where there was none
    /// @param operation as Iceberg names it, or null where nothing says it
    /// @param cause a [io.levada.events.Cause], or null where another engine made it
    /// @param events ids of the events that it was committed from
    /// @param refs tags and branches that point to it
    /// @param rows live rows in this snapshot, or null where nothing says it
    /// @param completeTo to which position of each source it is complete, as it says itself; a lower bound
    public record Snapshot(
            String snapshotId,
            @Nullable String parentId,
            Instant committedAt,
            @Nullable String operation,
            @Nullable String cause,
            List<String> events,
            List<String> refs,
            @Nullable Long rows,
            long rowsAdded,
            long rowsRemoved,
            long filesAdded,
            long filesRemoved,
            Map<String, SourcePosition> completeTo,
            MadeOf madeOf) {
        public Snapshot {
            events = List.copyOf(events);
            refs = List.copyOf(refs);
        }

        /// A snapshot of which only its rows are known.
        public Snapshot(String snapshotId, Instant committedAt, @Nullable Long rows) {
            this(
                    snapshotId,
                    null,
                    committedAt,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    rows,
                    0,
                    0,
                    0,
                    0,
                    Map.of(),
                    MadeOf.NOTHING);
        }
    }

    /// What a snapshot was made of, as [io.levada.events.SnapshotInputs] tells it.
    ///
    /// @param tables the input snapshots of a derived table
    /// @param unnamed how many ranges, loads and files it has no names of
    public record MadeOf(
            List<InputSnapshot> tables,
            List<OffsetRange> ranges,
            List<SnapshotInputs.LoadedChunks> chunks,
            List<SnapshotInputs.FileNumbers> fileNumbers,
            List<FileIdentity> files,
            int unnamed) {
        static final MadeOf NOTHING = new MadeOf(List.of(), List.of(), List.of(), List.of(), List.of(), 0);

        public MadeOf {
            tables = List.copyOf(tables);
            ranges = List.copyOf(ranges);
            chunks = List.copyOf(chunks);
            fileNumbers = List.copyOf(fileNumbers);
            files = List.copyOf(files);
        }
    }

    /// @param from the snapshot of the input that the table followed from before, or null at first
    /// @param to the one that it follows from now
    public record InputSnapshot(String table, @Nullable String from, String to) {}

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
