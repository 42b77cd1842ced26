package io.levada.ingest.capture;

import java.util.List;

/// The columns that fields of a collection's documents have, as the source's positions topic keeps them: a database of
/// documents knows none itself.
///
/// @param table the collection's lake name
/// @param id kind of the `_id`s that stand as plain text
/// @param columns in the order in which they were decided
public record DocumentColumns(String table, String id, List<Column> columns) {
    public DocumentColumns {
        columns = List.copyOf(columns);
    }

    /// @param kind what the column holds
    public record Column(String name, String kind) {}
}
