package io.levada.definition;

import java.util.List;
import java.util.Set;

/// A table that a SELECT over other tables defines. Mode `full`: computed whole and replaced atomically.
///
/// @param name `curated.x`
/// @param sql one SELECT
/// @param inputs tables that the SELECT reads, `namespace.name`
/// @param partitionBy result columns, identity partitioned
public record CuratedTable(String name, String sql, Set<String> inputs, List<String> partitionBy) {
    public CuratedTable {
        inputs = Set.copyOf(inputs);
        partitionBy = List.copyOf(partitionBy);
    }
}
