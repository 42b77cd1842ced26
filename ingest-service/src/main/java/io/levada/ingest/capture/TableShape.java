package io.levada.ingest.capture;

import io.levada.lake.RawSchema;
import java.util.List;

/// A source table as its database describes it.
///
/// @param columns with the lake's types, in the table's order; columns that the log does not carry are left out
/// @param key names of the primary key's columns, in the table's order; empty where it has none
/// @param fullIdentity whether the log carries whole old rows (REPLICA IDENTITY FULL)
public record TableShape(List<Column> columns, List<String> key, boolean fullIdentity) {
    public TableShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    /// A column.
    ///
    /// @param postgresType the base type's name, such as `numeric`; of an array the element's with `[]`
    public record Column(String name, String postgresType, org.apache.iceberg.types.Type type) {}

    public List<RawSchema.Column> lakeColumns() {
        return columns.stream()
                .map(column -> new RawSchema.Column(column.name(), column.type()))
                .toList();
    }
}
