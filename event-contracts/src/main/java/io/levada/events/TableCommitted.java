package io.levada.events;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A table has a new snapshot. A hint to look: consumers find their work by comparing tables. Id: `table@snapshotId`.
///
/// @param cause of the commit in the snapshot's summary, or null where an engine outside committed
/// @param partitions partition paths that the commit touched
/// @param completeTo by source
public record TableCommitted(
        String table,
        Layer layer,
        long snapshotId,
        @Nullable Long parentId,
        @Nullable Cause cause,
        long rowsAdded,
        long rowsRemoved,
        int files,
        List<String> partitions,
        Map<String, SourcePosition> completeTo,
        Instant committedAt) {
    public TableCommitted {
        partitions = List.copyOf(partitions);
        completeTo = Map.copyOf(completeTo);
    }

    public String id() {
        return table + "@" + snapshotId;
    }
}
