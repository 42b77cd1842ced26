package io.levada.catalog.lineage;

import io.levada.catalog.lineage.RunEvents.RunEvent;
import io.levada.events.TableCommitted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.util.SnapshotUtil;

/// Which snapshots an announcement leads to. The announcements' topic is compacted, so one may stand for several: all
/// ancestors of the announced snapshot that are newer than the last one told, oldest first, as far as the table still
/// has them. Not safe for use by several threads.
final class SnapshotsToTell {
    private final Catalog catalog;
    private final RunEvents events;
    private final Map<String, Long> told = new HashMap<>();

    SnapshotsToTell(Catalog catalog, RunEvents events) {
        this.catalog = catalog;
        this.events = events;
    }

    /// Says that an announcement has been told.
    void told(TableCommitted event) {
        told.put(event.table(), event.snapshotId());
    }

    List<RunEvent> events(TableCommitted event) {
        Optional<Table> found = new TableLookup(catalog).find(event.table());
        Snapshot announced =
                found.map(table -> table.snapshot(event.snapshotId())).orElse(null);
        if (announced == null) {
            return List.of(events.committed(event));
        }
        Table table = found.orElseThrow();
        Long last = told.get(event.table());
        List<RunEvent> newestFirst = new ArrayList<>();
        for (Snapshot snapshot : SnapshotUtil.ancestorsOf(announced.snapshotId(), table::snapshot)) {
            if (last != null && snapshot.snapshotId() == last) {
                break;
            }
            newestFirst.add(events.committed(event.table(), table, snapshot));
        }
        return newestFirst.reversed();
    }
}
