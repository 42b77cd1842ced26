package io.levada.catalog.maintenance;

import io.levada.definition.MaintenanceSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// The thread that maintains tables, one after another: at an interval, and when it is asked to.
///
/// It runs beside the committer and takes its turn with it at each table's commits, so landing never waits for it. What
/// fails is reported and tried again with the next run.
public final class MaintenanceLoop implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(MaintenanceLoop.class);
    private static final Duration FOLDERS_LISTED = Duration.ofHours(6);

    private final Catalog catalog;
    private final MaintenanceParts parts;
    private final MaintenanceMetrics metrics;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, TableReport> reports = new ConcurrentSkipListMap<>();
    private @Nullable Thread thread;
    private boolean allAsked;
    private boolean ordered;
    private boolean running;
    private long run;
    private long finished;
    private @Nullable Instant finishedAt;
    private Instant foldersListed = Instant.EPOCH;
    private volatile MaintenanceSettings settings;
    private volatile boolean closed;
    private volatile @Nullable String table;
    private volatile @Nullable String step;
    private volatile MaintenanceState.OrphanReport orphans = MaintenanceState.OrphanReport.NONE;

    MaintenanceLoop(
            Catalog catalog,
            java.util.function.Function<MaintenanceLoop, MaintenanceParts> parts,
            MaintenanceSettings settings,
            MaintenanceMetrics metrics,
            Clock clock) {
        this.catalog = catalog;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
        this.parts = parts.apply(this);
    }

    /// Goes on with other settings.
    public void replace(MaintenanceSettings next) {
        lock.lock();
        try {
            settings = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Asks for a run.
    ///
    /// @param name the table, or null for all
    /// @return the number of the run that will have done it
    long ask(@Nullable String name) {
        lock.lock();
        try {
            if (name == null) {
                allAsked = true;
            } else {
                asked.add(name);
            }
            changed.signalAll();
            return run + 1;
        } finally {
            lock.unlock();
        }
    }

    MaintenanceState state() {
        lock.lock();
        try {
            return new MaintenanceState(
                    running ? "RUNNING" : settings.enabled() ? "IDLE" : "OFF",
                    run,
                    finished,
                    table,
                    step,
                    finishedAt,
                    List.copyOf(reports.values()),
                    orphans);
        } finally {
            lock.unlock();
        }
    }

    boolean closing() {
        return closed;
    }

    /// Waits, unless the service stops.
    ///
    /// @return false where it stops
    boolean pause(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void loop() {
        for (Optional<Set<String>> work = next(); work.isPresent(); work = next()) {
            long start = System.nanoTime();
            try {
                maintain(work.get());
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).log("Maintenance did not come through; it is tried again");
                orphans = new MaintenanceState.OrphanReport(
                        0, 0, 0, orphans.lookedAt(), List.of(TableMaintenance.problem("All tables", e)));
            }
            metrics.run(Duration.ofNanos(System.nanoTime() - start));
            lock.lock();
            try {
                running = false;
                table = null;
                step = null;
                finished = run;
                finishedAt = clock.instant();
            } finally {
                lock.unlock();
            }
        }
    }

    /// The tables of the next run, none of them for all; empty once the service stops.
    private Optional<Set<String>> next() {
        lock.lock();
        try {
            long start = System.nanoTime();
            boolean due = false;
            while (!closed && !allAsked && asked.isEmpty() && !due) {
                long left = settings.interval().toNanos() - (System.nanoTime() - start);
                if (settings.enabled() && left <= 0) {
                    due = true;
                } else if (settings.enabled()) {
                    left = changed.awaitNanos(left);
                } else {
                    changed.await();
                }
            }
            if (closed) {
                return Optional.empty();
            }
            Set<String> tables = allAsked || due ? Set.of() : Set.copyOf(asked);
            boolean all = tables.isEmpty();
            ordered = !due;
            asked.clear();
            allAsked = false;
            if (all && !due) {
                foldersListed = Instant.EPOCH;
            }
            run++;
            running = true;
            return Optional.of(tables);
        } catch (InterruptedException _) {
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private void maintain(Set<String> wanted) {
        List<String> names = TableLocations.names(catalog);
        reports.keySet().retainAll(names);
        Map<String, Set<Long>> inputs = TableLocations.inputs(catalog, names);
        for (String name : names) {
            if (!closed && (wanted.isEmpty() || wanted.contains(name))) {
                table = name;
                Optional<TableReport> report = parts.tables()
                        .run(name, settings, inputs.getOrDefault(name, Set.of()), ordered, part -> step = part);
                report.ifPresent(this::reported);
            }
        }
        table = null;
        boolean due = !wanted.isEmpty() || !clock.instant().isBefore(foldersListed.plus(FOLDERS_LISTED));
        if (!closed && due) {
            step = "orphans";
            deleteOrphans();
        }
    }

    private void reported(TableReport report) {
        reports.put(report.table(), report);
        metrics.table(report);
        if (report.filesRewritten() + report.snapshotsExpired() + report.manifestsRewritten() + report.rowsRemoved()
                > 0) {
            LOG.atInfo()
                    .addKeyValue("table", report.table())
                    .addKeyValue("filesRewritten", report.filesRewritten())
                    .addKeyValue("filesWritten", report.filesWritten())
                    .addKeyValue("bytesRewritten", report.bytesRewritten())
                    .addKeyValue("manifestsRewritten", report.manifestsRewritten())
                    .addKeyValue("snapshotsExpired", report.snapshotsExpired())
                    .addKeyValue("rowsRemoved", report.rowsRemoved())
                    .addKeyValue("filesRemoved", report.filesRemoved())
                    .addKeyValue("elapsedMillis", report.elapsedMillis())
                    .log("Maintained a table");
        }
    }

    private void deleteOrphans() {
        try {
            OrphanFiles.Outcome outcome =
                    parts.orphans().delete(settings.orphans().olderThan());
            foldersListed = clock.instant();
            outcome.tables().forEach((name, deleted) -> {
                reports.computeIfPresent(name, (_, report) -> report.with(deleted));
                deleted(name, deleted);
            });
            deleted("dropped tables", outcome.purged());
            deleted("manifests of runs", outcome.manifests());
            orphans = new MaintenanceState.OrphanReport(
                    outcome.manifests().files(),
                    outcome.purged().files(),
                    outcome.purged().bytes(),
                    clock.instant(),
                    List.of());
        } catch (MaintenanceException e) {
            metrics.failed(e.error().name());
            List<Problem> problems = new ArrayList<>();
            problems.add(Problem.of(e.error(), e.getMessage()));
            orphans = new MaintenanceState.OrphanReport(0, 0, 0, orphans.lookedAt(), problems);
            LOG.atWarn()
                    .setCause(e.getCause())
                    .addKeyValue("errorCode", e.error())
                    .log("Files that nothing names were not deleted: {}", e.getMessage());
        }
    }

    private void deleted(String what, OrphanFiles.Deleted deleted) {
        if (deleted.files() > 0) {
            metrics.deleted(deleted);
            LOG.atInfo()
                    .addKeyValue("table", what)
                    .addKeyValue("files", deleted.files())
                    .addKeyValue("bytes", deleted.bytes())
                    .log("Deleted files that nothing named");
        }
    }

    @Override
    public void start() {
        Thread next = Thread.ofPlatform().name("levada-catalog-maintenance").unstarted(this::loop);
        thread = next;
        next.start();
    }

    /// Ends the thread after the file or commit that it is at; the next start looks again.
    @Override
    public void stop() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Thread current = thread;
        try {
            if (current != null && !current.join(Duration.ofMinutes(1))) {
                LOG.atWarn().log("The maintaining thread did not end within a minute");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        Thread current = thread;
        return current != null && current.isAlive();
    }
}
