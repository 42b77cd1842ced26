package io.levada.catalog.maintenance;

import io.levada.catalog.ServiceThread;
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
    private final ServiceThread thread = new ServiceThread("levada-catalog-maintenance", this::loop);
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, TableReport> reports = new ConcurrentSkipListMap<>();
    private boolean allAsked;
    private boolean ordered;
    private boolean running;
    private long run;
    private long finished;
    private @Nullable Instant finishedAt;
    private Instant foldersListed = Instant.EPOCH;
    private volatile MaintenanceSettings settings;
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
        thread.change(() -> settings = next);
    }

    /// Asks for a run.
    ///
    /// @param name the table, or null for all
    /// @return the number of the run that will have done it
    long ask(@Nullable String name) {
        return thread.locked(() -> {
            thread.change(() -> {
                if (name == null) {
                    allAsked = true;
                } else {
                    asked.add(name);
                }
            });
            return run + 1;
        });
    }

    MaintenanceState state() {
        return thread.locked(() -> new MaintenanceState(
                running ? "RUNNING" : settings.enabled() ? "IDLE" : "OFF",
                run,
                finished,
                table,
                step,
                finishedAt,
                List.copyOf(reports.values()),
                orphans));
    }

    boolean closing() {
        return thread.closing();
    }

    /// Waits, unless the service stops.
    ///
    /// @return false where it stops
    boolean pause(Duration time) {
        return thread.pause(time);
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
            thread.change(() -> {
                running = false;
                table = null;
                step = null;
                finished = run;
                finishedAt = clock.instant();
            });
        }
    }

    /// The tables of the next run, none of them for all; empty once the service stops.
    private Optional<Set<String>> next() {
        long start = System.nanoTime();
        boolean open = thread.await(
                this::isAsked,
                () -> settings.enabled()
                        ? Optional.of(settings.interval().minusNanos(System.nanoTime() - start))
                        : Optional.empty());
        return open ? Optional.of(thread.locked(this::begin)) : Optional.empty();
    }

    private boolean isAsked() {
        return allAsked || !asked.isEmpty();
    }

    private Set<String> begin() {
        ordered = isAsked();
        Set<String> tables = allAsked ? Set.of() : Set.copyOf(asked);
        asked.clear();
        allAsked = false;
        if (ordered && tables.isEmpty()) {
            foldersListed = Instant.EPOCH;
        }
        run++;
        running = true;
        return tables;
    }

    private void maintain(Set<String> wanted) {
        List<String> names = TableLocations.names(catalog);
        reports.keySet().retainAll(names);
        Map<String, Set<Long>> inputs = TableLocations.inputs(catalog, names);
        for (String name : names) {
            if (!thread.closing() && (wanted.isEmpty() || wanted.contains(name))) {
                table = name;
                Optional<TableReport> report = parts.tables()
                        .run(name, settings, inputs.getOrDefault(name, Set.of()), ordered, part -> step = part);
                report.ifPresent(this::reported);
            }
        }
        table = null;
        boolean due = !wanted.isEmpty() || !clock.instant().isBefore(foldersListed.plus(FOLDERS_LISTED));
        if (!thread.closing() && due) {
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
        thread.start();
    }

    /// Ends the thread after the file or commit that it is at; the next start looks again.
    @Override
    public void stop() {
        thread.close();
    }

    @Override
    public boolean isRunning() {
        return thread.isAlive();
    }
}
