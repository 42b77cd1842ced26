package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import io.levada.catalog.UnsettledEvents;
import io.levada.definition.MaintenanceSettings;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that is done to one table: small files, manifests, settings, old snapshots. A part that fails does not keep the
/// others from being done.
final class TableMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(TableMaintenance.class);

    private final Catalog catalog;
    private final Compaction compaction;
    private final ManifestRewrite manifests;
    private final SnapshotExpiry expiry;
    private final HistoryBound history;
    private final UnsettledEvents events;
    private final Clock clock;

    TableMaintenance(
            Catalog catalog,
            Compaction compaction,
            ManifestRewrite manifests,
            SnapshotExpiry expiry,
            HistoryBound history,
            UnsettledEvents events,
            Clock clock) {
        this.catalog = catalog;
        this.compaction = compaction;
        this.manifests = manifests;
        this.expiry = expiry;
        this.history = history;
        this.events = events;
        this.clock = clock;
    }

    /// @param inputs content ids of the table's snapshots that derived tables follow from
    /// @param asked whether somebody asked for it now
    /// @param step told what is being done
    /// @return empty where the table is gone
    Optional<TableReport> run(
            String name, MaintenanceSettings settings, Set<Long> inputs, boolean asked, Consumer<String> step) {
        long start = System.nanoTime();
        List<Problem> problems = new ArrayList<>();
        Compaction.Outcome[] rewritten = {Compaction.Outcome.NOTHING};
        HistoryBound.Removed[] removed = {HistoryBound.Removed.NOTHING};
        int[] counts = new int[2];
        try {
            Table table = catalog.loadTable(LakeCatalog.identifier(name));
            Totals before = Totals.of(table);
            // Files that lie elsewhere are not ours to replace, nor to delete with the snapshots that name them.
            boolean owned = !TableProperties.IN_PLACE.equals(table.properties().get(TableProperties.DATA_FILES));
            if (owned) {
                part(name, "retention", step, problems, () -> removed[0] = history.apply(name, asked));
                part(name, "compaction", step, problems, () -> {
                    rewritten[0] = compaction.compact(name, settings.compaction(), problems);
                });
            }
            part(name, "manifests", step, problems, () -> counts[0] = manifests.rewrite(name));
            part(name, "settings", step, problems, () -> OldTables.bound(catalog, name));
            if (owned) {
                part(
                        name,
                        "snapshots",
                        step,
                        problems,
                        () -> counts[1] = expiry.expire(name, settings, users(name, settings.snapshots(), inputs)));
            }
            Totals after = Totals.of(catalog.loadTable(LakeCatalog.identifier(name)));
            return Optional.of(new TableReport(
                    name,
                    clock.instant(),
                    Duration.ofNanos(System.nanoTime() - start).toMillis(),
                    before.files(),
                    after.files(),
                    before.bytes(),
                    after.bytes(),
                    rewritten[0].filesReplaced(),
                    rewritten[0].bytesReplaced(),
                    rewritten[0].filesWritten(),
                    counts[0],
                    counts[1],
                    0,
                    0,
                    removed[0].rows(),
                    removed[0].files(),
                    problems));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    /// What goes before its age may have become an input since the run began, so inputs are read anew.
    private SnapshotExpiry.Users users(String name, MaintenanceSettings.Snapshots settings, Set<Long> known) {
        Set<Long> inputs = new HashSet<>(known);
        BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
        if (table.operations().current().snapshots().size() > settings.maxToKeep()) {
            inputs.addAll(TableLocations.inputs(catalog, TableLocations.names(catalog))
                    .getOrDefault(name, Set.of()));
        }
        return new SnapshotExpiry.Users(inputs, () -> schemas(name));
    }

    private record Totals(long files, long bytes) {
        static Totals of(Table table) {
            Snapshot current = table.currentSnapshot();
            Map<String, String> summary = current == null ? Map.of() : current.summary();
            return new Totals(
                    Long.parseLong(summary.getOrDefault(SnapshotSummary.TOTAL_DATA_FILES_PROP, "0")),
                    Long.parseLong(summary.getOrDefault(SnapshotSummary.TOTAL_FILE_SIZE_PROP, "0")));
        }
    }

    private static void part(String name, String part, Consumer<String> step, List<Problem> problems, Runnable work) {
        step.accept(part);
        try {
            work.run();
        } catch (NoSuchTableException e) {
            throw e;
        } catch (RuntimeException e) {
            Problem problem = problem(name, e);
            problems.add(problem);
            LOG.atWarn()
                    .setCause(e instanceof MaintenanceException ? null : e)
                    .addKeyValue("table", name)
                    .addKeyValue("part", part)
                    .addKeyValue("errorCode", problem.code())
                    .log("A part of maintenance was not done: {}", problem.detail());
        }
    }

    static Problem problem(String name, RuntimeException e) {
        return switch (e) {
            case MaintenanceException known -> Problem.of(known.error(), known.getMessage());
            case UncheckedIOException storage ->
                Problem.of(CatalogError.STORAGE_UNAVAILABLE, name + ": " + storage.getMessage());
            default -> Problem.of(CatalogError.MAINTENANCE_FAILED, name + ": " + e);
        };
    }

    /// The schemas of the table that events name which are not settled.
    private Optional<Set<Integer>> schemas(String name) {
        Map<String, Set<Integer>> schemas = new HashMap<>();
        boolean[] unreadable = {false};
        try {
            events.read(unsettled -> {
                FilesWritten event = unsettled.event();
                unreadable[0] |= event == null;
                if (event != null && event.table().equals(name)) {
                    schemas.computeIfAbsent(name, _ -> new HashSet<>()).add(event.schemaId());
                }
            });
        } catch (RuntimeException e) {
            LOG.atDebug().setCause(e).addKeyValue("table", name).log("Old schemas are kept");
            return Optional.empty();
        }
        return unreadable[0] ? Optional.empty() : Optional.of(schemas.getOrDefault(name, Set.of()));
    }
}
