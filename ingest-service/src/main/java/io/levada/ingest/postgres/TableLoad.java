package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.postgres.copy.CopyColumn;
import io.levada.ingest.postgres.copy.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The load of one table from one snapshot: its steps are read by several threads, and offered in order.
///
/// A table without a key is offered whole, since rows of two snapshots could not be told apart.
final class TableLoad {
    private static final Logger LOG = LoggerFactory.getLogger(TableLoad.class);

    private final PostgresSource source;
    private final SourceTable table;
    private final TableShape shape;
    private final LoadSession session;
    private final SourceLog log;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final int resumedAt;
    private final Map<Integer, LoadedChunk> read = new TreeMap<>();
    private LoadPlan plan;
    private long rows;
    private volatile @Nullable Exception failure;

    /// @param plan with steps
    TableLoad(
            PostgresSource source,
            SourceTable table,
            TableShape shape,
            LoadPlan plan,
            LoadSession session,
            SourceLog log,
            LoadFiles files,
            CaptureProgress progress) {
        this.source = source;
        this.table = table;
        this.shape = shape;
        this.plan = plan;
        this.session = session;
        this.log = log;
        this.files = files;
        this.progress = progress;
        this.resumedAt = plan.offered();
    }

    SourceTable table() {
        return table;
    }

    /// The first step that is to be read, and how many there are.
    int firstStep() {
        return resumedAt;
    }

    int steps() {
        return plan.chunks();
    }

    /// What ended the load; then its other steps are not read.
    @Nullable
    Exception failure() {
        return failure;
    }

    void fail(Exception e) {
        if (failure == null) {
            failure = e;
        }
    }

    /// The table's files are others than those that the snapshot sees: the load must begin again.
    static final class Rewritten extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Rewritten(String table) {
            super("Table " + table + " was truncated or rewritten while it was loaded");
        }
    }

    /// Reads one step and offers what is to be offered then.
    ///
    /// @param connection in a transaction on the session's snapshot
    void read(Connection connection, int step) throws SQLException {
        LoadOrigin origin = new LoadOrigin(
                source.name(),
                chunk(step),
                PostgresServer.lsnText(session.snapshot().lsn()),
                Instant.now());
        List<String> queries = plan.queries(
                PostgresServer.quotedName(table),
                step,
                resumedAt,
                PgSnapshot.of(session.snapshot().visible()).next());
        LoadedChunk loaded = files.write(
                source,
                table,
                shape,
                origin,
                (target, quarantine, clock) -> new TableCopy(connection, target, quarantine, clock)
                        .copy(queries, columns(), origin, this::rowsRead));
        // The transaction has read the table, so nobody rewrites it before it ends.
        TableLayout layout = TableLayout.of(connection, table);
        if (!layout.isReadable() || !layout.now().equals(plan.layout())) {
            throw new Rewritten(table.qualifiedName());
        }
        done(step, loaded);
    }

    /// How the columns of a table are read, those under a rule as their text.
    private List<CopyColumn> columns() {
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

    private void rowsRead(long count, long bytes) {
        if (failure != null) {
            throw new IllegalStateException("The load of " + table.qualifiedName() + " was stopped", failure);
        }
        progress.rowsLoaded(table.lakeName(), count, bytes);
    }

    /// Rows of several snapshots make one state only together with the changes between them.
    private LoadChunk chunk(int step) {
        Long completeAt = resumedAt == 0 ? null : session.place().ends().get(SourceCapture.topic(source, table));
        return new LoadChunk(
                table.rawTable(source.name()), plan.generation(), step, plan.chunks(), session.pos(), completeAt);
    }

    private synchronized void done(int step, LoadedChunk loaded) {
        read.put(step, loaded);
        progress.stepsRead(table.lakeName(), resumedAt + offeredHere() + read.size(), plan.chunks());
        if (shape.key().isEmpty()) {
            if (read.size() == plan.chunks()) {
                offerWhole();
            }
            return;
        }
        for (LoadedChunk next = read.remove(plan.offered()); next != null; next = read.remove(plan.offered())) {
            offer(chunk(plan.offered()), List.of(next), plan.offered(1));
        }
    }

    private int offeredHere() {
        return plan.offered() - resumedAt;
    }

    private void offerWhole() {
        LoadChunk whole = new LoadChunk(table.rawTable(source.name()), plan.generation(), 0, 1, session.pos(), null);
        offer(whole, List.copyOf(read.values()), plan.offered(plan.chunks()));
        read.clear();
    }

    private void offer(LoadChunk chunk, List<LoadedChunk> loaded, LoadPlan after) {
        String rawTable = table.rawTable(source.name());
        FilesWritten event = FilesWritten.chunk(
                "load-" + source.name() + "-" + table.lakeName() + "-" + chunk.generation() + "-" + chunk.chunk() + "-"
                        + UUID.randomUUID(),
                rawTable,
                loaded.getFirst().schemaId(),
                loaded.stream().flatMap(part -> part.files().stream()).toList(),
                chunk);
        files.manifest(event, loaded.getFirst().runId());
        List<FilesWritten> events = new ArrayList<>();
        for (LoadedChunk part : loaded) {
            if (part.quarantine() != null) {
                events.add(part.quarantine());
            }
        }
        events.add(event);
        log.offer(after, events);
        plan = after;
        files.offered(rawTable);
        for (LoadedChunk part : loaded) {
            rows += part.rows();
            progress.quarantined(part.quarantined());
            part.quarantined()
                    .forEach((kind, count) -> LOG.atWarn()
                            .addKeyValue("table", kind.table())
                            .addKeyValue("errorCode", kind.code())
                            .log("{} rows of the load are in quarantine", count));
        }
        if (after.written()) {
            progress.tableLoaded(table.lakeName(), after.generation());
            LOG.atInfo()
                    .addKeyValue("table", rawTable)
                    .addKeyValue("generation", after.generation())
                    .log("Loaded {} rows", rows);
        }
    }
}
