package io.levada.definition;

import java.nio.file.Path;
import java.util.Map;

/// A watched folder.
///
/// @param path absolute folder
/// @param format only `csv` so far
/// @param rawTable `raw.<source>_<table>`, or `raw.<table-name>` where the source gives a `table-name`
/// @param columns types that override inference, by column: Iceberg type names such as `decimal(18,2)`
public record FileSource(String name, Path path, String format, String rawTable, Map<String, String> columns)
        implements SourceDefinition {
    public FileSource {
        columns = Map.copyOf(columns);
    }
}
