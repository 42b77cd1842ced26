package io.levada.catalog.lineage;

import io.levada.events.SnapshotInputs;
import io.levada.events.TableInput;
import io.levada.lake.MainLine;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/// What can be told from the history of a table.
final class Ancestry {
    private Ancestry() {}

    /// What the table's state at a snapshot was computed from: the snapshot's own word, or that of the newest
    /// ancestor which has one.
    static SnapshotInputs inputs(Table table, Snapshot snapshot) {
        for (Snapshot ancestor : SnapshotUtil.ancestorsOf(snapshot.snapshotId(), table::snapshot)) {
            SnapshotInputs inputs = SnapshotInputs.in(ancestor.summary());
            if (!inputs.tables().isEmpty()) {
                return inputs;
            }
        }
        return SnapshotInputs.in(snapshot.summary());
    }

    /// The first snapshot of a derived table that was computed from an input's snapshot or a later one of it.
    ///
    /// @param snapshot of the input, or null for any
    static Optional<Snapshot> firstAfter(Table derived, String input, Table table, @Nullable Snapshot snapshot) {
        MainLine line = MainLine.of(table);
        return MainLine.of(derived).snapshots().stream()
                .filter(candidate -> SnapshotInputs.in(candidate.summary()).tables().stream()
                        .filter(read -> read.table().equals(input))
                        .anyMatch(read -> holds(table, line, read, snapshot)))
                .findFirst();
    }

    private static boolean holds(Table table, MainLine line, TableInput read, @Nullable Snapshot snapshot) {
        if (snapshot == null || read.to() == snapshot.snapshotId()) {
            return true;
        }
        Snapshot to = table.snapshot(read.to());
        return to != null
                && (line.isSince(to, snapshot) || SnapshotUtil.isAncestorOf(table, read.to(), snapshot.snapshotId()));
    }
}
