package io.levada.definition;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A watched folder, or a watched prefix of a bucket.
///
/// @param format `csv`, `json`, `extended-json` or `parquet`
/// @param rawTable `raw.<source>_<table>`, or `raw.<table-name>` where the source gives a `table-name`
/// @param columns types that override inference, by column, in the order of the definition: Iceberg type names
///     such as `decimal(18,2)`
public record FileSource(
        String name,
        FilePlace place,
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
        this(
                name,
                new FilePlace.Folder(path),
                format,
                rawTable,
                columns,
                CsvSettings.DEFAULT,
                ChangedFiles.REFUSE,
                OnSchemaChange.EVOLVE);
    }

    /// Where the rows of the newest version of each file stand; empty where files are not replaced.
    public Optional<String> stageTable() {
        return changedFiles == ChangedFiles.REPLACE
                ? Optional.of("stage." + rawTable.substring("raw.".length()))
                : Optional.empty();
    }
}
