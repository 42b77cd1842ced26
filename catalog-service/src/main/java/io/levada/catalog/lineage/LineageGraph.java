package io.levada.catalog.lineage;

import io.levada.catalog.lineage.Lineage.AtSnapshot;
import io.levada.catalog.lineage.Lineage.Edge;
import io.levada.catalog.lineage.Lineage.Node;
import io.levada.catalog.lineage.Lineage.Source;
import io.levada.catalog.lineage.Lineage.Wrote;
import io.levada.catalog.lineage.SourceDatasets.SourceDataset;
import io.levada.definition.PipelineDefinition;
import io.levada.events.FileIdentity;
import io.levada.events.Layer;
import io.levada.events.OffsetRange;
import io.levada.events.SnapshotInputs;
import io.levada.events.SnapshotInputs.FileNumbers;
import io.levada.events.SnapshotInputs.LoadedChunks;
import io.levada.events.SourcePosition;
import io.levada.events.TableInput;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Collects one answer. What snapshots say of themselves is followed; where the newest says nothing, as after a
/// rewrite, the newest of its ancestors that does. Not safe for use by several threads.
final class LineageGraph {
    private static final int MAX_NODES = 1_000;

    private final TableLookup tables;
    private final PipelineDefinition definition;
    private final SourceDatasets sources;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Set<Edge> edges = new LinkedHashSet<>();
    private boolean truncated;

    LineageGraph(TableLookup tables, PipelineDefinition definition, SourceDatasets sources) {
        this.tables = tables;
        this.definition = definition;
        this.sources = sources;
    }

    /// @param snapshot of the table, or null where it has none
    Lineage of(String name, Table table, @Nullable Snapshot snapshot, Direction direction, int depth) {
        String id = add(name, snapshot, false);
        if (direction != Direction.DOWN) {
            up(id, name, table, snapshot, depth);
        }
        if (direction != Direction.UP) {
            down(id, name, table, snapshot, depth);
        }
        return new Lineage(
                name,
                snapshot == null ? null : Long.toString(snapshot.snapshotId()),
                List.copyOf(nodes.values()),
                List.copyOf(edges),
                truncated);
    }

    /// @return the node's id, or null where there is no room
    private @Nullable String tryAdd(String name, @Nullable Snapshot snapshot, boolean behind) {
        if (nodes.size() >= MAX_NODES) {
            truncated = true;
            return null;
        }
        return add(name, snapshot, behind);
    }

    private String add(String name, @Nullable Snapshot snapshot, boolean behind) {
        String id = name + "@" + (snapshot == null ? "none" : snapshot.snapshotId());
        nodes.computeIfAbsent(id, _ -> new Node(id, "table", name, null, described(snapshot, behind)));
        return id;
    }

    private static AtSnapshot described(@Nullable Snapshot snapshot, boolean behind) {
        if (snapshot == null) {
            return new AtSnapshot(null, null, null, List.of(), behind, Map.of());
        }
        Map<String, String> summary = snapshot.summary();
        String events = summary.get(TableProperties.SUMMARY_EVENTS);
        return new AtSnapshot(
                Long.toString(snapshot.snapshotId()),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                summary.get(TableProperties.SUMMARY_CAUSE),
                events == null ? List.of() : List.of(events.split(",", -1)),
                behind,
                TablePosition.sources(TablePosition.in(summary)));
    }

    private void up(String id, String name, Table table, @Nullable Snapshot snapshot, int depth) {
        if (snapshot == null) {
            return;
        }
        SnapshotInputs inputs = Ancestry.inputs(table, snapshot);
        if (name.startsWith(Layer.RAW.namespace() + ".")) {
            fromSources(id, name, table, snapshot);
        }
        for (TableInput input : inputs.tables()) {
            if (depth == 0) {
                truncated = true;
                return;
            }
            Optional<Table> found = tables.find(input.table());
            Snapshot at = found.map(there -> there.snapshot(input.to())).orElse(null);
            boolean known = at != null && nodes.containsKey(input.table() + "@" + at.snapshotId());
            String from = at == null ? tryAddExpired(input) : tryAdd(input.table(), at, false);
            if (from == null) {
                return;
            }
            edges.add(new Edge(
                    from,
                    id,
                    input.from() == null ? null : input.from().toString(),
                    Long.toString(input.to()),
                    null,
                    null));
            if (found.isPresent() && !known) {
                up(from, input.table(), found.get(), at, depth - 1);
            }
        }
    }

    /// A snapshot that is kept no more still has its name.
    private @Nullable String tryAddExpired(TableInput input) {
        if (nodes.size() >= MAX_NODES) {
            truncated = true;
            return null;
        }
        String id = input.table() + "@" + input.to();
        nodes.computeIfAbsent(
                id,
                _ -> new Node(
                        id,
                        "table",
                        input.table(),
                        null,
                        new AtSnapshot(Long.toString(input.to()), null, null, List.of(), false, Map.of())));
        return id;
    }

    /// A raw table's end: its source, with the position that the snapshot is complete to and what it added.
    private void fromSources(String id, String name, Table table, Snapshot snapshot) {
        SnapshotInputs own = SnapshotInputs.in(snapshot.summary());
        Map<String, SourcePosition> positions = TablePosition.sources(TablePosition.in(snapshot.summary()));
        Map<String, Parts> byTable = new TreeMap<>();
        own.ranges()
                .forEach(range -> rawTable(range)
                        .ifPresent(raw -> parts(byTable, raw).ranges().add(range)));
        own.chunks().forEach(load -> parts(byTable, load.table()).chunks().add(load));
        own.fileNumbers()
                .forEach(numbers -> parts(byTable, numbers.table()).numbers().add(numbers));
        own.files().forEach(file -> parts(byTable, file.table()).files().add(file));
        if (table.properties().containsKey(TableProperties.SOURCE)) {
            parts(byTable, name);
        }
        byTable.forEach((raw, parts) -> {
            Source source = source(raw, raw.equals(name) ? table.properties().get(TableProperties.SOURCE) : null);
            String from = addSource(raw, source);
            edges.add(new Edge(
                    from,
                    id,
                    null,
                    null,
                    positions.get(source.name()),
                    new Wrote(parts.ranges(), parts.chunks(), parts.numbers(), parts.files(), own.unnamed())));
        });
    }

    /// What a snapshot holds of one source table.
    private record Parts(
            List<OffsetRange> ranges, List<LoadedChunks> chunks, List<FileNumbers> numbers, List<FileIdentity> files) {}

    private static Parts parts(Map<String, Parts> byTable, String raw) {
        return byTable.computeIfAbsent(
                raw, _ -> new Parts(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
    }

    private static Optional<String> rawTable(OffsetRange range) {
        return Topics.tableOfChanges(range.topic()).map(name -> Layer.RAW.namespace() + "." + name);
    }

    private Source source(String raw, @Nullable String property) {
        Optional<SourceDataset> declared = sources.of(raw);
        if (declared.isPresent()) {
            return new Source(declared.get().source(), declared.get().type());
        }
        if (property != null) {
            return new Source(property, null);
        }
        return new Source(
                tables.find(raw)
                        .map(found -> found.properties().get(TableProperties.SOURCE))
                        .orElse("unknown"),
                null);
    }

    private String addSource(String raw, Source source) {
        String name = sources.of(raw).map(SourceDataset::name).orElse(raw);
        String id = "source:" + source.name() + "/" + name;
        nodes.putIfAbsent(id, new Node(id, "source", name, source, null));
        return id;
    }

    private void down(String id, String name, Table table, @Nullable Snapshot snapshot, int depth) {
        definition.loads().values().stream()
                .filter(load -> load.from().equals(name))
                .forEach(load -> leaf(id, "load", load.target()));
        definition.queries().values().stream()
                .filter(query -> query.inputs().contains(name))
                .forEach(query -> leaf(id, "query", query.name()));
        for (String candidate : candidates(name)) {
            Optional<Table> derived = tables.find(candidate);
            String followed = derived.map(found -> found.properties().get(TableProperties.INPUT + name))
                    .orElse(null);
            if (derived.isEmpty() || followed == null) {
                continue;
            }
            if (depth == 0) {
                truncated = true;
                return;
            }
            Optional<Snapshot> first = Ancestry.firstAfter(derived.get(), name, table, snapshot);
            Snapshot at = first.orElse(derived.get().currentSnapshot());
            boolean known = at != null && nodes.containsKey(candidate + "@" + at.snapshotId());
            String to = tryAdd(candidate, at, first.isEmpty());
            if (to == null) {
                return;
            }
            TableInput input = at == null
                    ? new TableInput(name, null, Long.parseLong(followed))
                    : Ancestry.inputs(derived.get(), at).tables().stream()
                            .filter(read -> read.table().equals(name))
                            .findFirst()
                            .orElse(new TableInput(name, null, Long.parseLong(followed)));
            edges.add(new Edge(
                    id,
                    to,
                    input.from() == null ? null : input.from().toString(),
                    Long.toString(input.to()),
                    null,
                    null));
            if (!known) {
                down(to, candidate, derived.get(), at, depth - 1);
            }
        }
    }

    private void leaf(String from, String kind, String name) {
        String id = kind + ":" + name;
        nodes.putIfAbsent(id, new Node(id, kind, name, null, null));
        edges.add(new Edge(from, id, null, null, null, null));
    }

    /// Tables that may follow from this one: the mirror of a raw table, and every curated and archived one.
    private Set<String> candidates(String name) {
        Set<String> candidates = new TreeSet<>();
        String raw = Layer.RAW.namespace() + ".";
        if (name.startsWith(raw)) {
            candidates.add(Layer.STAGE.namespace() + "." + name.substring(raw.length()));
        }
        candidates.addAll(tables.names(Layer.CURATED.namespace()));
        candidates.addAll(tables.names(Layer.ARCHIVE.namespace()));
        candidates.remove(name);
        return candidates;
    }
}
