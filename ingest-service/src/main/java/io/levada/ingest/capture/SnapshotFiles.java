package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.landing.RawTables;
import io.levada.ingest.landing.RunManifest;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeLayout;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.iceberg.Table;

/// The files of loads in the raw layer. Safe for use by several threads.
public final class SnapshotFiles implements LoadFiles {
    private final RawTables tables;
    private final LakeLayout layout;
    private final LandingSteps steps;
    private final Clock clock;

    public SnapshotFiles(RawTables tables, LakeLayout layout, LandingSteps steps, Clock clock) {
        this.tables = tables;
        this.layout = layout;
        this.steps = steps;
        this.clock = clock;
    }

    @Override
    public LoadedChunk write(
            DatabaseSource source, SourceTable table, TableShape shape, LoadOrigin origin, ChunkReader reader)
            throws SQLException {
        Table target = target(source, table, shape);
        steps.reached(LandingStep.LOAD_BEGUN, table.rawTable(source.name()));
        try (QuarantineWriter quarantine = tables.quarantine()) {
            LoadedChunk loaded = reader.read(target, quarantine, clock);
            steps.reached(LandingStep.FILE_CLOSED, table.rawTable(source.name()));
            return loaded;
        }
    }

    /// One at a time, as the first chunks of a table would otherwise make it at once.
    @Override
    public synchronized Table target(DatabaseSource source, SourceTable table, TableShape shape) {
        return tables.table(source.name(), table.lakeName(), shape.lakeColumns(), shape.key());
    }

    @Override
    public void manifest(FilesWritten files, String runId) {
        RunManifest.write(
                tables.io(files.table()),
                layout,
                LocalDate.ofInstant(Instant.now(clock), ZoneOffset.UTC),
                runId,
                files);
        steps.reached(LandingStep.BEFORE_TRANSACTION, files.table());
    }

    @Override
    public void offered(String table) {
        steps.reached(LandingStep.AFTER_TRANSACTION, table);
    }
}
