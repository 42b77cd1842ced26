package io.levada.lake;

import io.levada.events.TableProperties;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;

/// The snapshot that gave a table its rows.
///
/// Maintenance rewrites files and manifests in snapshots of their own, which change no row; their summary names the
/// snapshot whose rows they keep. Whoever asks whether a table has other rows than before compares these ids, so that
/// such a rewrite makes nothing stale. An id may be that of a snapshot that has expired meanwhile.
public final class ContentSnapshot {
    private ContentSnapshot() {}

    /// @param summary of the snapshot
    public static long id(long snapshotId, Map<String, String> summary) {
        String rewritten = summary.get(TableProperties.SUMMARY_REWRITE_OF);
        return rewritten == null ? snapshotId : Long.parseLong(rewritten);
    }

    public static long id(Snapshot snapshot) {
        return id(snapshot.snapshotId(), snapshot.summary());
    }

    /// Of the current snapshot, or null where there is none.
    public static @Nullable Long current(Table table) {
        return orNull(table.currentSnapshot());
    }

    /// Of the current snapshot, or null where there is none.
    public static @Nullable Long current(TableMetadata metadata) {
        return orNull(metadata.currentSnapshot());
    }

    private static @Nullable Long orNull(@Nullable Snapshot snapshot) {
        return snapshot == null ? null : Long.valueOf(id(snapshot));
    }

    /// A snapshot with these rows: the one of this id, or where that has expired, one that rewrites it.
    public static Optional<Snapshot> find(Table table, long contentId) {
        Snapshot itself = table.snapshot(contentId);
        if (itself != null) {
            return Optional.of(itself);
        }
        // Parents may be missing in between, so they are not followed.
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(snapshot -> id(snapshot) == contentId)
                .max(Comparator.comparingLong(Snapshot::sequenceNumber));
    }
}
