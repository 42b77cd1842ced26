package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.TableCopy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// Reads the column `id` of each table that is loaded, and writes nothing.
final class ObservedLoads implements LoadFiles {
    private final List<Load> loads = new CopyOnWriteArrayList<>();

    /// @param pos `_pos` that the rows would carry
    record Load(String table, int generation, String pos, List<Object> ids) {}

    List<Load> of(PostgresSource source, String table) {
        return loads.stream()
                .filter(load -> load.table().equals("raw." + source.name() + "_" + table))
                .toList();
    }

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
        List<Object> ids = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT id FROM " + PostgresServer.quotedName(table) + " ORDER BY id")) {
            while (rows.next()) {
                ids.add(rows.getObject(1));
            }
        }
        loads.add(new Load(table.rawTable(source.name()), origin.chunk().generation(), origin.chunk().pos(), ids));
        return new LoadedChunk("run", 0, List.of(), ids.size(), null, Map.of());
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
