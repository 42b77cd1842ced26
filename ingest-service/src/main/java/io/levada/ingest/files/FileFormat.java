package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/// How the files of one source are read.
sealed interface FileFormat permits RecordFormat, ParquetFormat {
    /// What the columns of a file hold.
    ///
    /// @param wanted the columns whose values matter; of others the names are enough
    /// @return by column, in the file's order
    /// @throws RefusedFile where the file can not be taken
    Map<String, ColumnInference> columns(Path file, String name, Predicate<String> wanted) throws IOException;
}
