package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// A format of texts, whose records are split apart one by one.
non-sealed interface RecordFormat extends FileFormat {
    /// Opens a file.
    ///
    /// @param table whose columns hold all those of the file
    /// @return null where the file holds nothing at all
    /// @throws RefusedFile where the file can not be taken
    @Nullable
    FileRecords open(Path file, String name, Table table) throws IOException;
}
