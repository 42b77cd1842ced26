package io.levada.catalog.commit;

import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.lake.LakeCatalog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.util.SnapshotUtil;

/// Announces every snapshot of a table that is newer than the last one announced, oldest first, whoever committed it.
///
/// There is no outbox: what is still to be announced follows from the table and from the last announcement in Kafka.
/// A stop between announcement and memory repeats an announcement; its id makes that harmless. Not safe for use by
/// several threads.
final class SnapshotSweep {
    private final Catalog catalog;
    private final EventPublisher publisher;
    private final CommitSteps steps;
    private final CatalogMetrics metrics;
    private final Map<String, Announced> announced;

    /// @param announced the last announced snapshot by table
    SnapshotSweep(
            Catalog catalog,
            EventPublisher publisher,
            CommitSteps steps,
            CatalogMetrics metrics,
            Map<String, Announced> announced) {
        this.catalog = catalog;
        this.publisher = publisher;
        this.steps = steps;
        this.metrics = metrics;
        this.announced = new ConcurrentHashMap<>(announced);
    }

    void sweep(String name) {
        Table table;
        try {
            table = catalog.loadTable(LakeCatalog.identifier(name));
        } catch (NoSuchTableException _) {
            announced.remove(name);
            return;
        }
        List<Snapshot> pending = pending(name, table);
        if (pending.isEmpty()) {
            return;
        }
        steps.reached(CommitStep.BEFORE_SWEEP, name);
        for (Snapshot snapshot : pending) {
            publisher.publish(Announcement.of(name, table, snapshot));
            announced.put(name, Announced.of(snapshot));
            metrics.announced();
        }
    }

    /// The snapshot of a table that was announced last. Safe for use by any thread.
    Optional<Long> last(String name) {
        return Optional.ofNullable(announced.get(name)).map(Announced::snapshotId);
    }

    /// The ancestors of the current snapshot down to the one last announced. Where that one is no ancestor, since
    /// it has expired, or the table was made anew or set back, those that are later than it, and in any case the
    /// current one.
    private List<Snapshot> pending(String name, Table table) {
        Snapshot current = table.currentSnapshot();
        if (current == null) {
            return List.of();
        }
        Announced last = announced.get(name);
        boolean isAncestor = last != null && SnapshotUtil.isAncestorOf(table, last.snapshotId());
        List<Snapshot> pending = new ArrayList<>();
        for (Snapshot snapshot : SnapshotUtil.ancestorsOf(current.snapshotId(), table::snapshot)) {
            if (last != null && snapshot.snapshotId() == last.snapshotId()) {
                break;
            }
            boolean isEarlier = last != null
                    && !isAncestor
                    && snapshot.timestampMillis() <= last.committedAt().toEpochMilli();
            if (isEarlier && !pending.isEmpty()) {
                break;
            }
            pending.add(snapshot);
        }
        Collections.reverse(pending);
        return pending;
    }
}
