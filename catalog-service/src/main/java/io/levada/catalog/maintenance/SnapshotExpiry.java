package io.levada.catalog.maintenance;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.definition.MaintenanceSettings;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import io.levada.lake.MainLine;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.util.SnapshotUtil;

/// Takes old snapshots out of a table's metadata.
///
/// Kept are the young ones, where they are too many those that [SnapshotThinning] chooses, the newest of every branch,
/// what a tag names, what a derived table follows from, and all that are not announced yet with the last one that is.
/// Files are not deleted here: [OrphanFiles] is the only one
/// that deletes, by one rule.
final class SnapshotExpiry {
    private final Catalog catalog;
    private final AnnouncedSnapshots announced;
    private final MaintenanceSteps steps;
    private final Clock clock;

    SnapshotExpiry(Catalog catalog, AnnouncedSnapshots announced, MaintenanceSteps steps, Clock clock) {
        this.catalog = catalog;
        this.announced = announced;
        this.steps = steps;
        this.clock = clock;
    }

    /// What is known of others that use a table.
    ///
    /// @param inputs content ids of its snapshots that derived tables follow from
    /// @param schemas ids that events name which are not settled; empty where they can not be read
    record Users(Set<Long> inputs, Supplier<Optional<Set<Integer>>> schemas) {}

    /// @return how many snapshots were taken out
    /// @throws MaintenanceException `NOT_ANNOUNCED`
    int expire(String name, MaintenanceSettings settings, Users users) {
        BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
        if (table.currentSnapshot() == null) {
            return 0;
        }
        Set<Long> kept = kept(table, settings.snapshots());
        users.inputs()
                .forEach(input -> ContentSnapshot.find(table, input)
                        .filter(snapshot ->
                                isYounger(snapshot, settings.snapshots().maxConsumerLag()))
                        .ifPresent(snapshot -> kept.add(snapshot.snapshotId())));
        Set<Long> expired = new HashSet<>();
        for (Snapshot snapshot : table.snapshots()) {
            if (!kept.contains(snapshot.snapshotId())) {
                expired.add(snapshot.snapshotId());
            }
        }
        if (expired.isEmpty()) {
            return 0;
        }
        Set<Long> unannounced = unannounced(name, table);
        expired.removeAll(unannounced);
        if (expired.isEmpty()) {
            return 0;
        }
        steps.reached(MaintenanceStep.BEFORE_EXPIRY, name);
        commit(table, expired, settings, users);
        steps.reached(MaintenanceStep.EXPIRY_COMMITTED, name);
        return expired.size();
    }

    /// In one commit with the time from which on the history has no long gap.
    private void commit(BaseTable table, Set<Long> expired, MaintenanceSettings settings, Users users) {
        Transaction transaction = table.newTransaction();
        ExpireSnapshots expiry = transaction
                .expireSnapshots()
                .expireOlderThan(0)
                .cleanExpiredFiles(false)
                .cleanExpiredMetadata(
                        schemasAreSpare(table, expired, settings.orphans().olderThan(), users));
        expired.forEach(expiry::expireSnapshotId);
        expiry.commit();
        long youngSince = clock.millis() - settings.snapshots().maxAge().toMillis();
        boolean thinned = expired.stream().map(table::snapshot).anyMatch(gone -> gone.timestampMillis() > youngSince);
        if (thinned || table.properties().containsKey(MainLine.THINNED_SINCE)) {
            transaction
                    .updateProperties()
                    .set(MainLine.THINNED_SINCE, Long.toString(youngSince))
                    .commit();
        }
        transaction.commitTransaction();
    }

    private Set<Long> kept(BaseTable table, MaintenanceSettings.Snapshots settings) {
        List<Snapshot> young = new ArrayList<>();
        for (Snapshot snapshot : table.snapshots()) {
            if (isYounger(snapshot, settings.maxAge())) {
                young.add(snapshot);
            }
        }
        Set<Long> kept = new SnapshotThinning(table, settings, clock.millis()).keep(young);
        for (SnapshotRef ref : table.refs().values()) {
            kept.add(ref.snapshotId());
            if (ref.isBranch()) {
                int own = ref.minSnapshotsToKeep() == null ? 0 : ref.minSnapshotsToKeep();
                keepBranch(table, ref, Math.max(own, settings.minToKeep()), kept);
            }
        }
        return kept;
    }

    private void keepBranch(BaseTable table, SnapshotRef ref, int newest, Set<Long> kept) {
        int left = newest;
        for (Snapshot snapshot : SnapshotUtil.ancestorsOf(ref.snapshotId(), table::snapshot)) {
            boolean young =
                    ref.maxSnapshotAgeMs() != null && isYounger(snapshot, Duration.ofMillis(ref.maxSnapshotAgeMs()));
            if (left > 0 || young) {
                kept.add(snapshot.snapshotId());
            }
            left--;
        }
    }

    private boolean isYounger(Snapshot snapshot, Duration age) {
        return snapshot.timestampMillis() > clock.millis() - age.toMillis();
    }

    /// The snapshots down to the one announced last, that one too.
    private Set<Long> unannounced(String name, BaseTable table) {
        long last = announced
                .last(name)
                .filter(id -> SnapshotUtil.isAncestorOf(table, id))
                .orElseThrow(() -> new MaintenanceException(
                        CatalogError.NOT_ANNOUNCED,
                        "Snapshots of " + name + " do not expire: it is not known which of them are announced",
                        null));
        Set<Long> ids = new HashSet<>();
        for (Snapshot snapshot :
                SnapshotUtil.ancestorsOf(table.currentSnapshot().snapshotId(), table::snapshot)) {
            ids.add(snapshot.snapshotId());
            if (snapshot.snapshotId() == last) {
                break;
            }
        }
        return ids;
    }

    /// Whether no file can come any more that was written with a schema that no kept snapshot has: each such
    /// schema was followed by a later one for as long as a file may wait to be offered.
    private boolean schemasAreSpare(BaseTable table, Set<Long> expired, Duration longestWait, Users users) {
        if (table.specs().size() > 1 || table.schemas().size() == 1) {
            return false;
        }
        Set<Integer> used = new HashSet<>();
        used.add(table.schema().schemaId());
        int followed = -1;
        for (Snapshot snapshot : table.snapshots()) {
            Integer schema = snapshot.schemaId();
            if (schema == null) {
                return false;
            }
            if (!expired.contains(snapshot.snapshotId())) {
                used.add(schema);
            }
            if (!isYounger(snapshot, longestWait)) {
                followed = Math.max(followed, schema);
            }
        }
        int latestFollowed = followed;
        Optional<Set<Integer>> awaited = users.schemas().get();
        return awaited.isPresent()
                && table.schemas().keySet().stream()
                        .filter(id -> !used.contains(id))
                        .allMatch(id -> id < latestFollowed && !awaited.get().contains(id));
    }
}
