package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.RawColumns;
import io.levada.ingest.files.LocalTables;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.TableCopy;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;

/// Loads into files on disk, whose tables lie in memory. A test may act between the steps.
class CopiedFiles implements LoadFiles {
    private final LocalTables tables = new LocalTables();
    private final LakeLayout layout;

    CopiedFiles(LakeLayout layout) {
        this.layout = layout;
    }

    /// Called before a chunk is read, in a transaction whose snapshot is fixed.
    void beforeRead(int chunk) throws Exception {}

    /// Called when a chunk is read, before it is offered.
    void afterRead(int chunk) throws Exception {}

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
        Table target = target(source, table, shape);
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            beforeRead(origin.chunk().chunk());
            LoadedChunk loaded = new TableCopy(connection, target, quarantine, Clock.systemUTC())
                    .copy(
                            from,
                            SnapshotFiles.columns(table, shape),
                            origin,
                            progress);
            afterRead(origin.chunk().chunk());
            return loaded;
        } catch (SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized Table target(PostgresSource source, SourceTable table, TableShape shape) {
        return tables.createOrEvolve(new TableSpec(
                table.rawTable(source.name()),
                RawSchema.ofChanges(shape.lakeColumns(), shape.key()),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source.name(), table.lakeName()),
                Map.of()));
    }

    @Override
    public void manifest(FilesWritten files, String runId) {
        // Nobody reads it.
    }

    @Override
    public void offered(String table) {
        // Nobody waits for it.
    }
}
