package io.levada.catalog.commit;

import io.levada.catalog.AnnouncedSnapshots;
import io.levada.catalog.ServiceThread;
import io.levada.catalog.SnapshotAnnouncer;
import io.levada.events.Layer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that announces snapshots: of all tables when it starts, then of every table it is asked for. What fails
/// is tried again without end.
final class SweepLoop implements SnapshotAnnouncer, AnnouncedSnapshots, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SweepLoop.class);

    private final Catalog catalog;
    private final Supplier<SnapshotSweep> sweeps;
    private final Set<String> due = new LinkedHashSet<>();
    private final ServiceThread thread = new ServiceThread("levada-catalog-sweep", this::run);
    private volatile @Nullable SnapshotSweep current;
    private boolean allDue = true;

    /// @param sweeps makes the sweep, reading the last announcements; called on the loop's thread
    SweepLoop(Catalog catalog, Supplier<SnapshotSweep> sweeps) {
        this.catalog = catalog;
        this.sweeps = sweeps;
    }

    void start() {
        thread.start();
    }

    /// A table in an engine's own namespace is passed over: `TableCommitted` is about the lake's layers.
    @Override
    public void announce(String table) {
        if (!Layer.holds(table)) {
            return;
        }
        thread.change(() -> due.add(table));
    }

    @Override
    public Optional<Long> last(String table) {
        SnapshotSweep sweep = current;
        return sweep == null ? Optional.empty() : sweep.last(table);
    }

    private void run() {
        Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30));
        while (awaitWork()) {
            try {
                SnapshotSweep sweep = sweeps.get();
                current = sweep;
                while (awaitWork()) {
                    sweepDue(sweep);
                    backoff.reset();
                }
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("Announcing snapshots failed; it is tried again");
                // What was taken and not announced is found again by looking at every table.
                thread.change(() -> allDue = true);
                thread.pause(backoff.next());
            }
        }
    }

    private void sweepDue(SnapshotSweep sweep) {
        if (allDue) {
            SupportsNamespaces namespaces = (SupportsNamespaces) catalog;
            for (Namespace namespace : namespaces.listNamespaces()) {
                catalog.listTables(namespace).forEach(id -> announce(namespace + "." + id.name()));
            }
            allDue = false;
        }
        for (String table : takeDue()) {
            sweep.sweep(table);
        }
    }

    private Set<String> takeDue() {
        return thread.locked(() -> {
            Set<String> taken = new LinkedHashSet<>(due);
            due.clear();
            return taken;
        });
    }

    private boolean awaitWork() {
        return thread.await(() -> allDue || !due.isEmpty());
    }

    /// Ends the thread; what is still to be announced is found at the next start.
    @Override
    public void close() {
        thread.close();
    }
}
