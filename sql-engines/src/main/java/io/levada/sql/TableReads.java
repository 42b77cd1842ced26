package io.levada.sql;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What one statement reads.
///
/// @param current `namespace.name` of tables that are read as they are now
/// @param past tables at earlier states, each a view of its own
public record TableReads(Set<String> current, List<PastTable> past) {
    public TableReads {
        current = Collections.unmodifiableSet(new LinkedHashSet<>(current));
        past = List.copyOf(past);
    }
}
