package io.levada.sql;

import io.levada.events.SourcePosition;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A table in a list.
///
/// @param name `namespace.name`
/// @param rows live rows
/// @param bytes of its files, or null where it has no files of its own
/// @param files how many, or null where it has none of its own
/// @param snapshotId the newest snapshot, or null before the first one
/// @param committedAt when that snapshot was committed
/// @param freshnessMillis how long ago that was
/// @param completeTo to which position of each source the table is complete, by source; a lower bound, and empty where
///     nothing is known
public record TableSummary(
        String name,
        long rows,
        @Nullable Long bytes,
        @Nullable Integer files,
        @Nullable String snapshotId,
        @Nullable Instant committedAt,
        @Nullable Long freshnessMillis,
        Map<String, SourcePosition> completeTo) {}
