package io.levada.ingest.capture;

import io.levada.definition.BinlogSource;
import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.landing.RawTables;
import io.levada.ingest.landing.RunManifest;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.snapshot.LoadedTable;
import io.levada.ingest.snapshot.QueryCopy;
import io.levada.ingest.snapshot.TableCopy;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.iceberg.Table;

/// The files of loads in the raw layer.
public final class SnapshotFiles implements LoadFiles, QueryLoadFiles {
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
    public LoadedTable write(
            PostgresSource source,
            SourceTable table,
            TableShape shape,
            Connection connection,
            TableCopy.Origin origin,
            LongConsumer progress)
            throws SQLException {
        Table target = tables.table(source.name(), table.lakeName(), shape.lakeColumns(), shape.key());
        steps.reached(LandingStep.LOAD_BEGUN, table.rawTable(source.name()));
        try (QuarantineWriter quarantine = tables.quarantine()) {
            LoadedTable loaded = new TableCopy(connection, target, quarantine, clock)
                    .copy(
                            PostgresServer.quotedName(table),
                            shape.columns().stream().map(SnapshotFiles::column).toList(),
                            origin,
                            progress);
            steps.reached(LandingStep.FILE_CLOSED, table.rawTable(source.name()));
            return loaded;
        }
    }

    @Override
    public LoadedTable write(
            BinlogSource source,
            SourceTable table,
            TableShape shape,
            List<QueryCopy.Column> copied,
            Connection connection,
            TableCopy.Origin origin,
            LongConsumer progress)
            throws SQLException {
        Table target = tables.table(source.name(), table.lakeName(), shape.lakeColumns(), shape.key());
        steps.reached(LandingStep.LOAD_BEGUN, table.rawTable(source.name()));
        try (QuarantineWriter quarantine = tables.quarantine()) {
            LoadedTable loaded = new QueryCopy(connection, target, quarantine, clock)
                    .copy(BinlogServer.quotedName(table), copied, origin, progress);
            steps.reached(LandingStep.FILE_CLOSED, table.rawTable(source.name()));
            return loaded;
        }
    }

    private static TableCopy.Column column(TableShape.Column column) {
        String name = PostgresServer.quoted(column.name());
        if (column.rule() != null) {
            return new TableCopy.Column(column.name(), name + "::text");
        }
        return new TableCopy.Column(column.name(), column.postgresType().equals("money") ? name + "::numeric" : name);
    }

    @Override
    public void manifest(FilesWritten files, String runId) {
        RunManifest.write(
                new LocalFileIO(), layout, LocalDate.ofInstant(Instant.now(clock), ZoneOffset.UTC), runId, files);
        steps.reached(LandingStep.BEFORE_TRANSACTION, files.table());
    }

    @Override
    public void offered(String table) {
        steps.reached(LandingStep.AFTER_TRANSACTION, table);
    }
}
