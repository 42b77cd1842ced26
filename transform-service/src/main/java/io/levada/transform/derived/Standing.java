package io.levada.transform.derived;

import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// How a derived table stands to its inputs.
sealed interface Standing {
    /// No such table is to be: a raw table without a key has no mirror.
    record NotKept(String reason) implements Standing {}

    /// It can not be published yet.
    record Waiting(String reason) implements Standing {}

    /// It follows from its inputs' current snapshots.
    record UpToDate(Inputs inputs, Table table) implements Standing {}

    /// It does not.
    ///
    /// @param table null where it does not exist yet
    record Stale(Inputs inputs, @Nullable Table table) implements Standing {
        /// The snapshot of the rows that a result is planned to replace.
        @Nullable
        Long base() {
            return table == null ? null : ContentSnapshot.current(table);
        }

        List<TableInput> tableInputs() {
            return inputs.snapshots().values().stream()
                    .map(input -> new TableInput(input.name(), stored(table, input.name()), input.contentId()))
                    .toList();
        }
    }

    /// What a result is computed from.
    ///
    /// @param snapshots by table
    /// @param recipe changes where the same snapshots give another result: another SELECT, another load
    ///     generation
    record Inputs(Map<String, InputSnapshot> snapshots, String recipe) {
        public Inputs {
            snapshots = new TreeMap<>(snapshots);
        }

        Map<String, Long> ids() {
            Map<String, Long> ids = new TreeMap<>();
            snapshots.forEach((name, snapshot) -> ids.put(name, snapshot.contentId()));
            return ids;
        }

        boolean sameAs(Inputs other) {
            return recipe.equals(other.recipe()) && ids().equals(other.ids());
        }
    }

    /// The snapshot of an input that the table stores.
    static @Nullable Long stored(@Nullable Table table, String input) {
        String value = table == null ? null : table.properties().get(TableProperties.INPUT + input);
        return value == null ? null : Long.valueOf(value);
    }
}
