package io.levada.catalog.commit;

import io.levada.events.FilesWritten;
import io.levada.events.Layer;
import io.levada.events.TableInput;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

/// To which position of each source a table is complete.
///
/// A raw table of a database is, once its initial load is usable, complete to the newest published position whose end
/// of the table's change topic the table has reached: so a table without changes goes on with its source. A raw table
/// of files is complete to its last file. A derived table is complete to the least of its inputs at the snapshots
/// that it follows from. What is told is a lower bound, and nothing where an input tells nothing. Safe for use by
/// several threads.
final class Completeness {
    /// In place of a snapshot id: the table has none.
    private static final long NO_SNAPSHOT = -1;

    private final Catalog catalog;
    private final PublishedPositions positions;

    Completeness(Catalog catalog, PublishedPositions positions) {
        this.catalog = catalog;
        this.positions = positions;
    }

    /// What the snapshot that a batch makes may say of itself.
    ///
    /// @param base the table before the batch
    Map<String, TablePosition> after(Table base, String name, Batch batch) {
        if (batch.events().getFirst().replace()) {
            return derived(batch.events().getFirst());
        }
        Map<String, String> properties = new HashMap<>(base.properties());
        PropertyChanges changes = batch.merged();
        properties.putAll(changes.set());
        properties.keySet().removeAll(changes.removed());
        return raw(name, properties, base.currentSnapshot());
    }

    private Map<String, TablePosition> derived(FilesWritten event) {
        return least(event.inputs().stream()
                .map(input -> of(input.table(), input.to()))
                .toList());
    }

    /// A table at a snapshot, as far as is known now: more than the snapshot says of itself where nothing has
    /// been committed since, and its sources went on.
    Map<String, TablePosition> of(String name, long snapshotId) {
        try {
            return of(name, catalog.loadTable(LakeCatalog.identifier(name)), snapshotId);
        } catch (NoSuchTableException _) {
            return Map.of();
        }
    }

    /// A table at its current snapshot, as far as is known now.
    Map<String, TablePosition> now(String name, Table table) {
        Snapshot current = table.currentSnapshot();
        return of(name, table, contentId(current));
    }

    private Map<String, TablePosition> of(String name, Table table, long snapshotId) {
        Snapshot current = table.currentSnapshot();
        boolean isCurrent = snapshotId == contentId(current) || current != null && snapshotId == current.snapshotId();
        if (!isCurrent) {
            return said(ContentSnapshot.find(table, snapshotId).orElse(null));
        }
        return isRaw(name)
                ? raw(name, table.properties(), current)
                : greatest(
                        said(current),
                        least(inputs(table).stream()
                                .map(input -> of(input.table(), input.to()))
                                .toList()));
    }

    private static long contentId(@Nullable Snapshot snapshot) {
        return snapshot == null ? NO_SNAPSHOT : ContentSnapshot.id(snapshot);
    }

    private static boolean isRaw(String name) {
        return name.startsWith(Layer.RAW.namespace() + ".");
    }

    private static List<TableInput> inputs(Table table) {
        return table.properties().entrySet().stream()
                .filter(property -> property.getKey().startsWith(TableProperties.INPUT))
                .map(property -> new TableInput(
                        property.getKey().substring(TableProperties.INPUT.length()),
                        null,
                        Long.parseLong(property.getValue())))
                .toList();
    }

    private static Map<String, TablePosition> said(@Nullable Snapshot snapshot) {
        return snapshot == null ? Map.of() : TablePosition.in(snapshot.summary());
    }

    /// A raw table only grows, so what an earlier snapshot said stays true.
    private Map<String, TablePosition> raw(String name, Map<String, String> properties, @Nullable Snapshot snapshot) {
        Map<String, TablePosition> found = new TreeMap<>();
        String source = properties.get(TableProperties.SOURCE);
        if (source != null) {
            String files = properties.get(TableProperties.FILES + source + "." + name);
            Optional<TablePosition> position = files == null
                    ? reached(name, source, properties)
                    : Optional.of(TablePosition.ofFile(Long.parseLong(files)));
            position.ifPresent(known -> found.put(source, known));
        }
        return greatest(said(snapshot), found);
    }

    private Optional<TablePosition> reached(String name, String source, Map<String, String> properties) {
        String prefix = Layer.RAW.namespace() + "." + source + "_";
        String loaded = properties.getOrDefault(TableProperties.LOAD_POS, "");
        if (!properties.containsKey(TableProperties.LOAD_GENERATION) || !name.startsWith(prefix)) {
            return Optional.empty();
        }
        long end = properties.entrySet().stream()
                .filter(property -> property.getKey().startsWith(TableProperties.OFFSETS))
                .mapToLong(property -> Long.parseLong(property.getValue()))
                .max()
                .orElse(0);
        long completeAt = Long.parseLong(properties.getOrDefault(TableProperties.LOAD_COMPLETE_AT, "0"));
        return end < completeAt
                ? Optional.empty()
                : positions
                        .reached(source, Topics.changes(source, name.substring(prefix.length())), end)
                        .filter(position ->
                                loaded.isEmpty() || epoch(position.order()).compareTo(epoch(loaded)) <= 0);
    }

    /// What comes before a position's sequence. A repair raises it, and the table is complete to nothing later
    /// until the load that the repair asks for.
    private static String epoch(String position) {
        int end = position.indexOf('-');
        return end < 0 ? "" : position.substring(0, end);
    }

    private static Map<String, TablePosition> greatest(
            Map<String, TablePosition> one, Map<String, TablePosition> other) {
        Map<String, TablePosition> greatest = new TreeMap<>(one);
        other.forEach((source, position) -> greatest.merge(source, position, (a, b) -> a.compareTo(b) >= 0 ? a : b));
        return greatest;
    }

    /// Nothing where one of them is empty: nobody knows which sources it stands for.
    private static Map<String, TablePosition> least(List<Map<String, TablePosition>> inputs) {
        Map<String, TablePosition> least = new TreeMap<>();
        for (Map<String, TablePosition> input : inputs) {
            if (input.isEmpty()) {
                return Map.of();
            }
            input.forEach((source, position) -> least.merge(source, position, (a, b) -> a.compareTo(b) <= 0 ? a : b));
        }
        return least;
    }
}
