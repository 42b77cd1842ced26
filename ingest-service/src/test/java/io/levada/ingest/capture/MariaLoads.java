package io.levada.ingest.capture;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.RawColumns;
import io.levada.ingest.files.LocalTables;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.snapshot.LoadedChunk;
import io.levada.ingest.snapshot.QueryCopy;
import io.levada.ingest.snapshot.TableCopy;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;

/// Writes loads into tables without a catalog-service, and reads the rows back.
final class MariaLoads implements QueryLoadFiles {
    private final LocalTables tables = new LocalTables();
    private final LakeLayout layout;
    private final List<FilesWritten> written = new ArrayList<>();

    MariaLoads(Path directory) {
        this.layout = new LakeLayout(directory.toString());
    }

    @Override
    public LoadedChunk write(
            BinlogSource source,
            SourceTable table,
            TableShape shape,
            List<QueryCopy.Column> copied,
            Connection connection,
            TableCopy.Origin origin,
            LongConsumer progress)
            throws SQLException {
        Table target = tables.createOrEvolve(new TableSpec(
                table.rawTable(source.name()),
                RawSchema.ofChanges(shape.lakeColumns(), shape.key()),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source.name(), table.lakeName()),
                Map.of()));
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            return new QueryCopy(connection, target, quarantine, Clock.systemUTC())
                    .copy(BinlogServer.quotedName(table), copied, origin, progress);
        }
    }

    @Override
    public synchronized void manifest(FilesWritten files, String runId) {
        written.add(files);
    }

    @Override
    public void offered(String table) {
        // The files are noted already.
    }

    /// The rows of all loads of a raw table.
    synchronized List<Record> rows(String table) {
        List<Record> rows = new ArrayList<>();
        for (FilesWritten event : written) {
            if (event.table().equals(table)) {
                Schema schema = tables.load(table).orElseThrow().schema();
                event.files().forEach(file -> {
                    try (CloseableIterable<Record> records = Parquet.read(Files.localInput(file.path()))
                            .project(schema)
                            .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                            .build()) {
                        records.forEach(rows::add);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
            }
        }
        return rows;
    }
}
