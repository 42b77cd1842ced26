package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// Writes what initial loads read. Safe for use by several threads.
public interface LoadFiles {
    /// Reads a chunk of a table over a connection and writes its rows, those that the lake can not hold to
    /// quarantine.
    ///
    /// @param from what follows SELECT's list, for each query
    LoadedChunk write(
            PostgresSource source,
            SourceTable table,
            TableShape shape,
            Connection connection,
            List<String> from,
            TableCopy.Origin origin,
            TableCopy.Progress progress)
            throws SQLException;

    /// Writes the run's manifest, after the files and before they are offered.
    void manifest(FilesWritten files, String runId);

    /// Called when the files are offered.
    void offered(String table);
}
