package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.quarantine.QuarantineWriter;
import java.sql.SQLException;
import java.time.Clock;
import org.apache.iceberg.Table;

/// Writes what loads read. Safe for use by several threads.
public interface LoadFiles {
    /// Has a chunk of a table read into new files of its raw table.
    ///
    /// @param origin says which chunk
    LoadedChunk write(DatabaseSource source, SourceTable table, TableShape shape, LoadOrigin origin, ChunkReader reader)
            throws SQLException;

    /// Reads a chunk and writes its rows: those that the lake can not hold to quarantine.
    @FunctionalInterface
    interface ChunkReader {
        LoadedChunk read(Table target, QuarantineWriter quarantine, Clock clock) throws SQLException;
    }

    /// The raw table with at least the columns of a shape, for a reader that meets new ones.
    Table target(DatabaseSource source, SourceTable table, TableShape shape);

    /// Writes the run's manifest, after the files and before they are offered.
    void manifest(FilesWritten files, String runId);

    /// Called when the files are offered.
    void offered(String table);
}
