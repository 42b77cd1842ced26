package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// How the files of one source are read.
sealed interface FileFormat permits RecordFormat, ParquetFormat {
    /// What the columns of a file hold.
    ///
    /// @param possible what the values of a column could be by what was seen elsewhere; of a column without any
    ///     the name is enough
    /// @return by column, in the file's order
    /// @throws RefusedFile where the file can not be taken
    Map<String, ColumnInference> columns(Path file, String name, Function<String, Set<ColumnInference.Kind>> possible)
            throws IOException;
}
