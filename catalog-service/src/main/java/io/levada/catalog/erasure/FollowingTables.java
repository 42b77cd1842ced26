package io.levada.catalog.erasure;

import io.levada.catalog.maintenance.TableLocations;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import io.levada.lake.MainLine;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;

/// Tells which tables follow from an erased one, and whether they follow from it as it is without the rows.
final class FollowingTables {
    private final Catalog catalog;

    FollowingTables(Catalog catalog) {
        this.catalog = catalog;
    }

    /// @param erasure with a place for each further table that is known to be without the rows now
    /// @param waiting tables that still follow from snapshots with the rows
    record Look(Erasure erasure, Set<String> waiting) {}

    Look look(Erasure erasure) {
        Map<String, Set<String>> inputs = inputs();
        Set<String> affected = affected(erasure.places().keySet(), inputs);
        Erasure known = erasure;
        boolean more = true;
        while (more) {
            more = false;
            for (String name : affected) {
                if (!known.places().containsKey(name)) {
                    Set<String> reached = new TreeSet<>(inputs.getOrDefault(name, Set.of()));
                    reached.retainAll(affected);
                    Optional<Long> clean = follows(name, reached, known);
                    if (clean.isPresent()) {
                        known = known.with(name, Erasure.Place.since(clean.get()));
                        more = true;
                    }
                }
            }
        }
        Set<String> waiting = new TreeSet<>(affected);
        for (Map.Entry<String, Erasure.Place> place : known.places().entrySet()) {
            Optional<BaseTable> table = load(place.getKey());
            if (table.isEmpty()
                    || !contents(table.get(), place.getValue().since()).isEmpty()) {
                waiting.remove(place.getKey());
            }
        }
        return new Look(known, waiting);
    }

    private Optional<BaseTable> load(String name) {
        try {
            return Optional.of((BaseTable) catalog.loadTable(LakeCatalog.identifier(name)));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    /// The tables that each derived table follows from.
    private Map<String, Set<String>> inputs() {
        Map<String, Set<String>> inputs = new TreeMap<>();
        for (String name : TableLocations.names(catalog)) {
            load(name).map(Table::properties).orElse(Map.of()).keySet().stream()
                    .filter(key -> key.startsWith(TableProperties.INPUT))
                    .forEach(key -> inputs.computeIfAbsent(name, _ -> new HashSet<>())
                            .add(key.substring(TableProperties.INPUT.length())));
        }
        return inputs;
    }

    private static Set<String> affected(Set<String> roots, Map<String, Set<String>> inputs) {
        Set<String> affected = new TreeSet<>(roots);
        boolean more = true;
        while (more) {
            more = false;
            for (Map.Entry<String, Set<String>> table : inputs.entrySet()) {
                if (table.getValue().stream().anyMatch(affected::contains)) {
                    more |= affected.add(table.getKey());
                }
            }
        }
        return affected;
    }

    /// The sequence number of the current snapshot of a table all of whose reached inputs are, as it
    /// follows from them, without the rows.
    private Optional<Long> follows(String name, Set<String> reached, Erasure erasure) {
        Optional<BaseTable> table = load(name);
        if (table.isEmpty() || table.get().currentSnapshot() == null) {
            return Optional.empty();
        }
        for (String input : reached) {
            Erasure.Place place = erasure.places().get(input);
            Optional<BaseTable> from = load(input);
            String stored = table.get().properties().get(TableProperties.INPUT + input);
            if (place == null
                    || from.isEmpty()
                    || stored == null
                    || !contents(from.get(), place.since()).contains(Long.parseLong(stored))) {
                return Optional.empty();
            }
        }
        return Optional.of(table.get().currentSnapshot().sequenceNumber());
    }

    /// The content ids of a table's snapshots from a sequence number on; none where the table was set back
    /// to before it.
    private static Set<Long> contents(BaseTable table, long since) {
        Set<Long> contents = new HashSet<>();
        for (Snapshot snapshot : chain(table, since)) {
            contents.add(ContentSnapshot.id(snapshot));
        }
        return contents;
    }

    /// The current snapshot and those before it back to a sequence number, also where some between were
    /// thinned out; none where the table was set back to before that.
    static List<Snapshot> chain(Table table, long since) {
        return MainLine.of(table).snapshots().stream()
                .filter(snapshot -> snapshot.sequenceNumber() >= since)
                .toList();
    }
}
