package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.postgres.copy.CopyColumn;
import io.levada.ingest.postgres.copy.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// The load of one table from one snapshot: its steps are read by several threads, and offered in order.
///
/// A table without a key is offered whole, since rows of two snapshots could not be told apart.
final class TableLoad {
    private final PostgresSource source;
    private final TableShape shape;
    private final LoadSession session;
    private final LoadPlan plan;
    private final LoadFiles files;
    private final LoadedSteps steps;

    /// @param plan with steps
    TableLoad(
            PostgresSource source,
            TableShape shape,
            LoadPlan plan,
            LoadSession session,
            LoadFiles files,
            LoadedSteps steps) {
        this.source = source;
        this.shape = shape;
        this.plan = plan;
        this.session = session;
        this.files = files;
        this.steps = steps;
    }

    LoadedSteps steps() {
        return steps;
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
    void read(Connection connection, int step) throws SQLException, InterruptedException {
        SourceTable table = steps.table();
        LoadChunk chunk = steps.chunk(step, session.pos());
        LoadOrigin origin = new LoadOrigin(
                source.name(), chunk, PostgresServer.lsnText(session.snapshot().lsn()), Instant.now());
        List<String> queries = plan.queries(
                PostgresServer.quotedName(table),
                step,
                plan.offered(),
                PgSnapshot.of(session.snapshot().visible()).next());
        LoadedChunk loaded = files.write(
                source,
                table,
                shape,
                origin,
                (target, quarantine, clock) -> new TableCopy(connection, target, quarantine, clock)
                        .copy(queries, columns(table), origin, steps::rowsRead));
        // The transaction has read the table, so nobody rewrites it before it ends.
        TableLayout layout = TableLayout.of(connection, table);
        if (!layout.isReadable() || !layout.now().equals(plan.layout())) {
            throw new Rewritten(table.qualifiedName());
        }
        if (shape.key().isEmpty()) {
            steps.readOfWhole(chunk, loaded);
        } else {
            steps.read(chunk, loaded);
        }
    }

    /// How the columns of a table are read, those under a rule as their text.
    private List<CopyColumn> columns(SourceTable table) {
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
}
