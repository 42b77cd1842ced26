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
import io.levada.ingest.snapshot.CopyColumn;
import io.levada.ingest.snapshot.LoadedChunk;
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
import java.util.Objects;
import java.util.function.LongConsumer;
import org.apache.iceberg.Table;

/// The files of loads in the raw layer. Safe for use by several threads.
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
        steps.reached(LandingStep.LOAD_BEGUN, table.rawTable(source.name()));
        try (QuarantineWriter quarantine = tables.quarantine()) {
            LoadedChunk loaded = new TableCopy(connection, target, quarantine, clock)
                    .copy(from, columns(table, shape), origin, progress);
            steps.reached(LandingStep.FILE_CLOSED, table.rawTable(source.name()));
            return loaded;
        }
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
        Table target = tables.table(source.name(), table.lakeName(), shape.lakeColumns(), shape.key());
        steps.reached(LandingStep.LOAD_BEGUN, table.rawTable(source.name()));
        try (QuarantineWriter quarantine = tables.quarantine()) {
            LoadedChunk loaded = new QueryCopy(connection, target, quarantine, clock)
                    .copy(BinlogServer.quotedName(table), copied, origin, progress);
            steps.reached(LandingStep.FILE_CLOSED, table.rawTable(source.name()));
            return loaded;
        }
    }

    /// One at a time, as the first chunks of a table would otherwise make it at once.
    private synchronized Table target(PostgresSource source, SourceTable table, TableShape shape) {
        return tables.table(source.name(), table.lakeName(), shape.lakeColumns(), shape.key());
    }

    static List<CopyColumn> columns(SourceTable table, TableShape shape) {
        RuledValues rules = new RuledValues(table.rules());
        return shape.columns().stream().map(column -> column(column, rules)).toList();
    }

    private static CopyColumn column(TableShape.Column column, RuledValues rules) {
        String quoted = PostgresServer.quoted(column.name());
        if (column.rule() != null) {
            return CopyColumn.ruled(
                    column.name(), quoted, text -> Objects.requireNonNull(rules.text(text, column.rule())));
        }
        return CopyColumn.of(column.name(), quoted, column.postgresType(), column.type());
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
