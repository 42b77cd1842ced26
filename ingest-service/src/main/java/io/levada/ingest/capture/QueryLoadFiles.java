package io.levada.ingest.capture;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.QueryCopy;
import io.levada.ingest.snapshot.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongConsumer;

/// Writes what loads read by queries.
public interface QueryLoadFiles {
    /// Reads a table over a connection and writes its rows, those that the lake can not hold to quarantine.
    ///
    /// @param columns of `shape`, as they are read
    /// @param progress is told the rows read so far, now and then
    LoadedChunk write(
            BinlogSource source,
            SourceTable table,
            TableShape shape,
            List<QueryCopy.Column> columns,
            Connection connection,
            TableCopy.Origin origin,
            LongConsumer progress)
            throws SQLException;

    /// Writes the run's manifest, after the files and before they are offered.
    void manifest(FilesWritten files, String runId);

    /// Called when the files are offered.
    void offered(String table);
}
