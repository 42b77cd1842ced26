package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// How the files of one source are read.
interface FileFormat {
    /// What the columns of a file hold.
    ///
    /// @param wanted the columns whose values matter; of others the names are enough
    /// @return by column, in the file's order
    /// @throws RefusedFile where the file can not be taken
    Map<String, ColumnInference> columns(Path file, String name, Predicate<String> wanted) throws IOException;

    /// Opens a file.
    ///
    /// @param table whose columns hold all those of the file
    /// @return null where the file holds nothing at all
    /// @throws RefusedFile where the file can not be taken
    @Nullable
    FileRecords open(Path file, String name, Table table) throws IOException;

    /// Which cells of the records have no value.
    SegmentSql.Nulls nulls();

    /// The code of a file that is damaged.
    IngestError damaged();

    int maxRecordBytes();
}
