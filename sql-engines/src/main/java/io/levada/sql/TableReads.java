package io.levada.sql;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one statement reads.
///
/// @param current `namespace.name` of tables that are read as they are now
/// @param past tables at earlier states, each a view of its own
/// @param rows which rows of `current` it can use, by table; of those that are not named, all
public record TableReads(Set<String> current, List<PastTable> past, Map<String, RowCondition> rows) {
    public TableReads {
        current = Collections.unmodifiableSet(new LinkedHashSet<>(current));
        past = List.copyOf(past);
        rows = Map.copyOf(rows);
    }

    /// A statement that can use every row.
    public TableReads(Set<String> current, List<PastTable> past) {
        this(current, past, Map.of());
    }

    /// Which rows of a current table it can use.
    public RowCondition rowsOf(String table) {
        return rows.getOrDefault(table, RowCondition.ALL);
    }
}
