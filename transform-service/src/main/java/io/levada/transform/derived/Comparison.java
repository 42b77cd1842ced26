package io.levada.transform.derived;

import io.levada.transform.LakeTables;
import io.levada.transform.derived.DerivedTable.Curation;
import io.levada.transform.derived.DerivedTable.FileMirror;
import io.levada.transform.derived.DerivedTable.Mirror;
import io.levada.transform.derived.Standing.Inputs;
import io.levada.transform.mirror.FileMirrorSql;
import io.levada.transform.mirror.LoadState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;

/// Compares derived tables with their inputs, each time anew with what the catalog has.
final class Comparison {
    /// Property of a derived table: the recipe of the rows that it holds. It is taken away before a result of another
    /// recipe is offered and set once that is committed, so it never names a recipe that the rows do not follow.
    static final String RECIPE = "transform.recipe";

    private final LakeTables lake;
    private final Set<String> derived;

    Comparison(LakeTables lake, List<DerivedTable> derived) {
        this.lake = lake;
        this.derived = derived.stream().map(DerivedTable::name).collect(Collectors.toUnmodifiableSet());
    }

    Standing of(DerivedTable table) {
        return switch (table) {
            case Mirror mirror -> mirror(mirror);
            case FileMirror mirror -> mirror(mirror);
            case Curation curation -> curation(curation);
        };
    }

    private Standing mirror(Mirror mirror) {
        Optional<Table> raw = lake.load(mirror.raw());
        if (raw.isEmpty()) {
            return new Standing.Waiting(mirror.raw() + " does not exist yet");
        }
        return switch (LoadState.of(mirror.raw(), raw.get().properties())) {
            case LoadState.NoKey() -> new Standing.NotKept(mirror.raw() + " has no key");
            case LoadState.NotReady(String reason) -> new Standing.Waiting(reason);
            case LoadState.Ready ready ->
                compare(
                        mirror,
                        new Inputs(
                                Map.of(mirror.raw(), InputSnapshot.of(mirror.raw(), raw.get())), ready.fingerprint()));
        };
    }

    private Standing mirror(FileMirror mirror) {
        Optional<Table> raw = lake.load(mirror.raw());
        return raw.isEmpty()
                ? new Standing.Waiting(mirror.raw() + " does not exist yet")
                : compare(
                        mirror,
                        new Inputs(
                                Map.of(mirror.raw(), InputSnapshot.of(mirror.raw(), raw.get())),
                                FileMirrorSql.FINGERPRINT));
    }

    private Standing curation(Curation curation) {
        Map<String, InputSnapshot> snapshots = new HashMap<>();
        Set<String> missing = new TreeSet<>();
        for (String name : curation.inputs()) {
            Optional<InputSnapshot> input = lake.load(name).map(table -> InputSnapshot.of(name, table));
            // A derived table is made shortly before its first result, and then holds nothing that it should.
            if (input.isEmpty() || (derived.contains(name) && input.get().snapshotId() == InputSnapshot.EMPTY)) {
                missing.add(name);
            } else {
                snapshots.put(name, input.get());
            }
        }
        return missing.isEmpty()
                ? compare(curation, new Inputs(snapshots, curation.fingerprint()))
                : new Standing.Waiting("Its inputs do not exist yet: " + String.join(", ", missing));
    }

    private Standing compare(DerivedTable derivedTable, Inputs inputs) {
        Optional<Table> table = lake.load(derivedTable.name());
        if (table.isEmpty()) {
            return new Standing.Stale(inputs, null);
        }
        boolean same = table.get().currentSnapshot() != null
                && inputs.recipe().equals(table.get().properties().get(RECIPE))
                && inputs.ids().entrySet().stream()
                        .allMatch(input ->
                                Objects.equals(Standing.stored(table.get(), input.getKey()), input.getValue()));
        return same ? new Standing.UpToDate(inputs, table.get()) : new Standing.Stale(inputs, table.get());
    }
}
