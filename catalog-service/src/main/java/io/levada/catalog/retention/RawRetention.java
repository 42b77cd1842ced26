package io.levada.catalog.retention;

import io.levada.catalog.BegunLoads;
import io.levada.catalog.CatalogError;
import io.levada.catalog.erasure.RowRemoval;
import io.levada.catalog.maintenance.HistoryBound;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.definition.RawSettings;
import io.levada.events.Cause;
import io.levada.events.Layer;
import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// Takes rows out of raw tables that landed before the bound of `raw: keep:`.
///
/// Of a table with a key, those go that no current state depends on ([SupersededRows]), in commits of which each
/// leaves the mirror as it is; of one without a key, all go that its own bound is over. Older snapshots have the
/// rows until they expire.
public final class RawRetention implements HistoryBound {
    private static final Logger LOG = LoggerFactory.getLogger(RawRetention.class);

    /// A delete goes after the rows that it hides, so there are two at least; a chain of keys takes one for each.
    private static final int MOST_ROUNDS = 6;

    /// Between two rounds without a row somebody else has rewritten the files.
    private static final int MOST_IN_VAIN = 3;

    private final Catalog catalog;
    private final HistoryReader reader;
    private final RowRemoval removal;
    private final BegunLoads loads;
    private final Clock clock;
    private volatile RawSettings settings;

    RawRetention(
            Catalog catalog,
            HistoryReader reader,
            RowRemoval removal,
            BegunLoads loads,
            RawSettings settings,
            Clock clock) {
        this.catalog = catalog;
        this.reader = reader;
        this.removal = removal;
        this.loads = loads;
        this.settings = settings;
        this.clock = clock;
    }

    /// Goes on with other bounds.
    public void replace(RawSettings next) {
        settings = next;
    }

    /// What a history is read by; as long as it is the same, so is what may go.
    ///
    /// @param pos null where no load is complete
    private record Load(
            @Nullable String key,
            @Nullable String generation,
            @Nullable String pos,
            boolean open) {
        static Load of(Table table) {
            Map<String, String> properties = table.properties();
            return new Load(
                    properties.get(TableProperties.KEY),
                    properties.get(TableProperties.LOAD_GENERATION),
                    properties.get(TableProperties.LOAD_POS),
                    properties.containsKey(TableProperties.LOAD_OPEN));
        }

        List<String> columns() {
            return key == null ? List.of() : List.of(JsonMapper.shared().readValue(key, String[].class));
        }
    }

    @Override
    public Removed apply(String name, boolean asked) {
        BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
        boolean keyed = !Load.of(table).columns().isEmpty();
        Optional<Duration> keep =
                name.startsWith(Layer.RAW.namespace() + ".") ? settings.keepOf(name, keyed) : Optional.empty();
        if (keep.isEmpty() || table.currentSnapshot() == null) {
            return Removed.NOTHING;
        }
        LocalDate cutoff = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)
                .minusDays(keep.get().toDays());
        String done = table.properties().get(TableProperties.KEPT_FROM);
        if (!asked && done != null && !LocalDate.parse(done).isBefore(cutoff)) {
            return Removed.NOTHING;
        }
        requirePartitions(table, name);
        if (!HistoryReader.hasBefore(table, name, before(cutoff))) {
            return Removed.NOTHING;
        }
        String order = "retention-" + LakeLayout.newRunId();
        boolean complete = keyed ? superseded(name, cutoff, order) : whole(table, name, cutoff, order);
        Table after = catalog.loadTable(LakeCatalog.identifier(name));
        if (complete && (done == null || LocalDate.parse(done).isBefore(cutoff))) {
            after.updateProperties()
                    .set(TableProperties.KEPT_FROM, cutoff.toString())
                    .commit();
        }
        Removed removed = RowRemoval.of(after, order)
                .map(outcome -> new Removed(outcome.rows(), outcome.files()))
                .orElse(Removed.NOTHING);
        if (removed.rows() > 0) {
            LOG.atInfo()
                    .addKeyValue("table", name)
                    .addKeyValue("before", cutoff)
                    .addKeyValue("rows", removed.rows())
                    .addKeyValue("files", removed.files())
                    .log("Took rows out of the history; older snapshots have them until they expire");
        }
        return removed;
    }

    private static void requirePartitions(BaseTable table, String name) {
        if (HistoryReader.datePosition(table.spec()) < 0) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_UNSUPPORTED,
                    "The history of " + name + " has no bound, since it is not partitioned by "
                            + RawColumns.INGESTION_DATE,
                    null);
        }
    }

    private static Expression before(LocalDate cutoff) {
        return Expressions.lessThan(RawColumns.INGESTION_DATE, cutoff.toString());
    }

    private boolean whole(BaseTable table, String name, LocalDate cutoff, String order) {
        removal.remove(
                table,
                name,
                before(cutoff),
                _ -> Optional.of(RowRemoval.ALL),
                now -> Load.of(now).columns().isEmpty(),
                Cause.RETENTION,
                order);
        return true;
    }

    /// @return whether nothing is left that may go
    private boolean superseded(String name, LocalDate cutoff, String order) {
        Map<HistoryReader.Source, Path> extracts = new HashMap<>();
        int inVain = 0;
        try (HistoryReader.Workplace workplace = reader.open()) {
            for (int round = 0; round < MOST_ROUNDS; round++) {
                BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
                if (!HistoryReader.hasBefore(table, name, before(cutoff))) {
                    return true;
                }
                Load load = Load.of(table);
                SupersededRows rows = rows(load, name, table);
                HistoryReader.Superseded gone = workplace.read(table, name, rows, cutoff, extracts);
                if (gone.isEmpty()) {
                    return true;
                }
                boolean removed = removal.remove(
                        table,
                        name,
                        before(cutoff),
                        gone::rowsOf,
                        now -> Load.of(now).equals(load) && !loads.mayBeLoading(name, now),
                        Cause.RETENTION,
                        order);
                inVain = removed ? 0 : inVain + 1;
                if (inVain == MOST_IN_VAIN) {
                    throw new MaintenanceException(
                            CatalogError.REWRITE_CONFLICT,
                            "Rows over the bound of " + name + " were found " + inVain
                                    + " times, and were not in its files any more when they were to be taken out",
                            null);
                }
            }
        }
        return false;
    }

    private SupersededRows rows(Load load, String name, Table table) {
        if (load.open() || load.generation() == null || load.pos() == null || loads.mayBeLoading(name, table)) {
            throw new MaintenanceException(
                    CatalogError.RETENTION_WAITS,
                    "The history of " + name
                            + " is not bounded now: a load of it is not complete, or it is not known yet whether one is",
                    null);
        }
        return new SupersededRows(
                load.columns(), Integer.parseInt(load.generation()), Objects.requireNonNull(load.pos()));
    }
}
