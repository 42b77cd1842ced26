package io.levada.sql;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Schema;

/// A table at one snapshot, as an engine reads it.
///
/// @param name `namespace.name`
/// @param schema the table's schema; files are read by its field ids
/// @param files paths, or locations in a bucket, of the snapshot's Parquet files, all of their rows live
public record ParquetTable(String name, Schema schema, List<String> files) {
    public ParquetTable {
        files = List.copyOf(files);
    }

    /// The same table, its files elsewhere.
    public ParquetTable withFiles(UnaryOperator<String> place) {
        return new ParquetTable(name, schema, files.stream().map(place).toList());
    }
}
