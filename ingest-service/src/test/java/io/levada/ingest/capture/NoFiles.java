package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;

/// Loads nothing, for tests that look at the stream.
public final class NoFiles implements LoadFiles {
    @Override
    public LoadedChunk write(
            DatabaseSource source, SourceTable table, TableShape shape, LoadOrigin origin, ChunkReader reader) {
        return new LoadedChunk("run", 0, List.of(), 0, null, Map.of());
    }

    @Override
    public Table target(DatabaseSource source, SourceTable table, TableShape shape) {
        throw new UnsupportedOperationException("There are no tables");
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
