package io.levada.definition;

import java.util.List;

/// A table that the warehouse keeps equal to a table of the lake.
///
/// @param target `schema.table` in the warehouse
/// @param from `namespace.name` in the lake
/// @param key columns to merge by; empty: the table is replaced
public record WarehouseLoad(String target, String from, List<String> key) {
    public WarehouseLoad {
        key = List.copyOf(key);
    }
}
