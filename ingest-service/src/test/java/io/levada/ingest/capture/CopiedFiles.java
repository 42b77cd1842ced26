package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.files.LocalTables;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;

/// Loads into files on disk, whose tables lie in memory, and reads them back. A test may act between the steps.
public class CopiedFiles implements LoadFiles {
    private final LocalTables tables = new LocalTables();
    private final LakeLayout layout;
    private final List<Load> loads = new CopyOnWriteArrayList<>();

    /// A chunk that was read.
    public record Load(LoadChunk chunk, List<Record> rows) {
        public List<Object> ids() {
            return rows.stream().map(row -> row.getField("id")).sorted().toList();
        }
    }

    public CopiedFiles(Path lake) {
        this.layout = new LakeLayout(lake.toString());
    }

    /// Called before a chunk is read, in a transaction whose snapshot is fixed.
    public void beforeRead(int chunk) throws Exception {}

    /// Called when a chunk is read, before it is offered.
    public void afterRead(int chunk) throws Exception {}

    @Override
    public LoadedChunk write(
            DatabaseSource source, SourceTable table, TableShape shape, LoadOrigin origin, ChunkReader reader)
            throws SQLException {
        Table target = target(source, table, shape);
        try (QuarantineWriter quarantine = new QuarantineWriter(tables::createOrEvolve, layout)) {
            beforeRead(origin.chunk().chunk());
            LoadedChunk loaded = reader.read(target, quarantine, Clock.systemUTC());
            loads.add(new Load(origin.chunk(), rows(target.schema(), loaded.files())));
            afterRead(origin.chunk().chunk());
            return loaded;
        } catch (SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized Table target(DatabaseSource source, SourceTable table, TableShape shape) {
        return tables.createOrEvolve(new TableSpec(
                table.rawTable(source.name()),
                RawSchema.ofChanges(shape.lakeColumns(), shape.key()),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source.name(), table.lakeName()),
                Map.of()));
    }

    /// The rows of files.
    public static List<Record> rows(Schema schema, List<WrittenFile> files) {
        List<Record> rows = new ArrayList<>();
        for (WrittenFile file : files) {
            try (CloseableIterable<Record> records = Parquet.read(Files.localInput(file.path()))
                    .project(schema)
                    .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                    .build()) {
                records.forEach(rows::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return rows;
    }

    /// What was read of a raw table, chunk by chunk, in the order in which it was read.
    public List<Load> loads(String rawTable) {
        return loads.stream()
                .filter(load -> load.chunk().table().equals(rawTable))
                .toList();
    }

    /// All rows read of a raw table.
    public List<Record> rows(String rawTable) {
        return loads(rawTable).stream().flatMap(load -> load.rows().stream()).toList();
    }

    @Override
    public void manifest(FilesWritten files, String runId) {
        // Nobody reads it.
    }

    /// Called when a chunk is offered, and the transaction in which it was read has ended.
    public void afterOffer() throws Exception {}

    @Override
    public void offered(String table) {
        try {
            afterOffer();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
