package io.levada.sql;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/// A table at one snapshot, as an engine reads it.
///
/// @param name `namespace.name`
/// @param schema the table's schema; files are read by its field ids
/// @param files paths, or locations in a bucket, of the snapshot's Parquet files, all of their rows live
/// @param inPlace more files, which are read by name; null where there are none
public record ParquetTable(
        String name,
        Schema schema,
        List<String> files,
        @Nullable InPlaceFiles inPlace) {
    public ParquetTable {
        files = List.copyOf(files);
        inPlace = inPlace == null || inPlace.files().isEmpty() ? null : inPlace;
    }

    /// A table whose writers know its field ids.
    public ParquetTable(String name, Schema schema, List<String> files) {
        this(name, schema, files, null);
    }

    /// The same, under another name.
    public ParquetTable named(String other) {
        return new ParquetTable(other, schema, files, inPlace);
    }

    /// All files, those in place among them.
    public List<String> locations() {
        return inPlace == null
                ? files
                : Stream.concat(files.stream(), inPlace.files().stream()).toList();
    }

    /// The same table, its files read elsewhere.
    ///
    /// @param place where, of each of [#locations()]
    public ParquetTable withFiles(UnaryOperator<String> place) {
        return new ParquetTable(
                name, schema, files.stream().map(place).toList(), inPlace == null ? null : inPlace.at(place));
    }

    /// The same table, its files in place linked to where their paths alone do not tell their partitions.
    ///
    /// @param folder for the links, which need not be there
    ParquetTable linked(Path folder) throws IOException {
        return inPlace == null ? this : new ParquetTable(name, schema, files, inPlace.linked(folder));
    }
}
