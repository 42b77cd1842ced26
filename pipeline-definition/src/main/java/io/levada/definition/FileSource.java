package io.levada.definition;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A watched folder.
///
/// @param path absolute folder
/// @param format `csv`, `json`, `extended-json` or `parquet`
/// @param rawTable `raw.<source>_<table>`, or `raw.<table-name>` where the source gives a `table-name`
/// @param columns types that override inference, by column, in the order of the definition: Iceberg type names
///     such as `decimal(18,2)`
public record FileSource(
        String name,
        Path path,
        String format,
        String rawTable,
        Map<String, String> columns,
        CsvSettings csv,
        ChangedFiles changedFiles,
        OnSchemaChange onSchemaChange)
        implements SourceDefinition {
    public FileSource {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    /// A folder with every default.
    public FileSource(String name, Path path, String format, String rawTable, Map<String, String> columns) {
        this(name, path, format, rawTable, columns, CsvSettings.DEFAULT, ChangedFiles.REFUSE, OnSchemaChange.EVOLVE);
    }
}
