package io.levada.lake;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;

/// A table as a service wants it.
///
/// @param name `namespace.name`
/// @param schema field ids of new columns are given by the catalog, those here are only placeholders
/// @param partitionBy columns, identity partitioned
/// @param location where its files lie
/// @param properties set when the table is created
public record TableSpec(
        String name, Schema schema, List<String> partitionBy, String location, Map<String, String> properties) {
    public TableSpec {
        partitionBy = List.copyOf(partitionBy);
        properties = Map.copyOf(properties);
    }
}
