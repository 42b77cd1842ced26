package io.levada.ingest.landing;

import io.levada.definition.OnSchemaChange;

/// A table that a change topic belongs to.
///
/// @param lakeName the table's name in the lake without the source
/// @param onSchemaChange what becomes of changes whose columns are not those of the table
public record LandedTable(String source, String lakeName, OnSchemaChange onSchemaChange) {
    public String rawTable() {
        return "raw." + source + "_" + lakeName;
    }
}
