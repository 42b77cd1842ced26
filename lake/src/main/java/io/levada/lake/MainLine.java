package io.levada.lake;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/// The snapshots that were a table's current one, one after another, as far as they are kept.
///
/// A table of many snapshots is thinned, so that parents are missing in between. Who follows parents, as Iceberg does,
/// comes to the first gap. What is older than that counts unless another branch leads to it, since it may be that
/// branch's own. What was set back, and stands in no branch any more, is not counted.
public final class MainLine {
    /// Table property: snapshots were taken out of the middle, and since this time, in milliseconds since 1970, some
    /// are left everywhere.
    public static final String THINNED_SINCE = "levada.history.thinned-since";

    private static final Comparator<Snapshot> ORDER =
            Comparator.comparingLong(Snapshot::sequenceNumber).thenComparingLong(Snapshot::timestampMillis);

    private final Table table;
    private final Set<Long> reachable = new HashSet<>();
    private final Set<Long> others = new HashSet<>();
    private long oldestReachable = Long.MAX_VALUE;

    private MainLine(Table table) {
        this.table = table;
    }

    public static MainLine of(Table table) {
        MainLine line = new MainLine(table);
        Snapshot current = table.currentSnapshot();
        if (current != null) {
            for (Snapshot snapshot : SnapshotUtil.ancestorsOf(current.snapshotId(), table::snapshot)) {
                line.reachable.add(snapshot.snapshotId());
                line.oldestReachable = Math.min(line.oldestReachable, snapshot.sequenceNumber());
            }
        }
        for (SnapshotRef ref : table.refs().values()) {
            if (ref.isBranch()) {
                SnapshotUtil.ancestorsOf(ref.snapshotId(), table::snapshot)
                        .forEach(snapshot -> line.others.add(snapshot.snapshotId()));
            }
        }
        line.others.removeAll(line.reachable);
        return line;
    }

    public boolean has(Snapshot snapshot) {
        return reachable.contains(snapshot.snapshotId())
                || snapshot.sequenceNumber() < oldestReachable && !others.contains(snapshot.snapshotId());
    }

    /// Whether a snapshot belongs to another branch, and to this line not.
    public boolean isOfAnotherBranch(Snapshot snapshot) {
        return others.contains(snapshot.snapshotId());
    }

    /// Oldest first.
    public List<Snapshot> snapshots() {
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(this::has)
                .sorted(ORDER)
                .toList();
    }

    /// Whether one snapshot is another or came after it.
    public boolean isSince(Snapshot later, Snapshot earlier) {
        return has(later) && has(earlier) && ORDER.compare(later, earlier) >= 0;
    }

    /// The last one that is kept of those committed up to a moment.
    public Optional<Snapshot> at(Instant time) {
        return snapshots().reversed().stream()
                .filter(snapshot -> snapshot.timestampMillis() <= time.toEpochMilli())
                .findFirst();
    }
}
