package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/// Loads nothing, for tests that look at the stream.
final class NoFiles implements LoadFiles {
    @Override
    public LoadedChunk write(
            PostgresSource source,
            SourceTable table,
            TableShape shape,
            Connection connection,
            List<String> from,
            TableCopy.Origin origin,
            TableCopy.Progress progress)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1");
        }
        return new LoadedChunk("run", 0, List.of(), 0, null, Map.of());
    }

    @Override
    public void manifest(FilesWritten files, String runId) {
        // Nothing was written.
    }

    @Override
    public void offered(String table) {
        // Nobody waits for it.
    }
}
