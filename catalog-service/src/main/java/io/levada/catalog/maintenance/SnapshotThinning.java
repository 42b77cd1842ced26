package io.levada.catalog.maintenance;

import io.levada.definition.MaintenanceSettings;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.MainLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/// Chooses which of a table's young snapshots stay where they are too many. Each commit writes, and each load reads,
/// the list of all snapshots.
///
/// The newer half of what may be kept are simply the newest, and none that is younger than an hour goes, since somebody
/// may be reading it. The older half is spread over the age up to which snapshots are kept: that time is cut into so
/// many equal slots, and each keeps the last state that the table had in it. Slots do not move, so that a later look
/// keeps the same ones. Of states with the same rows the one that gave the table these rows is kept, which says what
/// they were made of, not a rewrite of its files.
final class SnapshotThinning {
    static final Duration UNTOUCHED = Duration.ofHours(1);

    private final Table table;
    private final MainLine line;
    private final int most;
    private final long slotMillis;
    private final long untouchedSince;

    /// @param now milliseconds since 1970
    SnapshotThinning(Table table, MaintenanceSettings.Snapshots settings, long now) {
        this.table = table;
        this.line = MainLine.of(table);
        this.most = settings.maxToKeep();
        this.slotMillis = settings.maxAge().toMillis() / Math.max(1, most / 2 - 1) + 1;
        this.untouchedSince = now - UNTOUCHED.toMillis();
    }

    /// @param young those that are kept for their age
    /// @return those of them that stay; all where they are not too many
    Set<Long> keep(List<Snapshot> young) {
        Set<Long> ids = new HashSet<>();
        young.forEach(snapshot -> ids.add(snapshot.snapshotId()));
        if (young.size() <= most) {
            return ids;
        }
        List<Snapshot> newestFirst = new ArrayList<>(young);
        newestFirst.sort(Comparator.comparingLong(Snapshot::sequenceNumber)
                .thenComparingLong(Snapshot::timestampMillis)
                .reversed());
        Set<Long> kept = new HashSet<>();
        Set<Long> slots = new HashSet<>();
        for (int i = 0; i < newestFirst.size(); i++) {
            Snapshot snapshot = newestFirst.get(i);
            boolean untouched = i < most - most / 2
                    || snapshot.timestampMillis() > untouchedSince
                    || line.isOfAnotherBranch(snapshot);
            if (untouched
                    || line.has(snapshot)
                            && !isRewriteOf(snapshot, ids)
                            && slots.add(Math.floorDiv(snapshot.timestampMillis(), slotMillis))) {
                kept.add(snapshot.snapshotId());
            }
        }
        return kept;
    }

    private static boolean isRewriteOf(Snapshot snapshot, Set<Long> ids) {
        return snapshot.summary().containsKey(TableProperties.SUMMARY_REWRITE_OF)
                && ids.contains(ContentSnapshot.id(snapshot));
    }
}
