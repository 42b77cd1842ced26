package io.levada.ingest.binlog;

import io.levada.definition.SourceTable;
import io.levada.ingest.capture.BinlogPosition;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The steps that readers take, table after table; a table is cut into steps when its turn comes. Safe for
/// use by several threads.
final class StepQueue {
    private final Iterator<SourceTable> tables;
    private final Beginning beginning;
    private @Nullable TableRead table;
    private int next;

    /// Begins the load of a table.
    @FunctionalInterface
    interface Beginning {
        /// @return empty where it can not be loaded now
        Optional<TableRead> begin(SourceTable table) throws SQLException;
    }

    /// Begins a snapshot, and says at which place of the log it stands.
    @FunctionalInterface
    interface Snapshot {
        BinlogPosition begin() throws SQLException, InterruptedException;
    }

    /// A step that the caller is to read.
    ///
    /// @param seen place of the snapshot that it is read from; never before that of an earlier step
    record Taken(TableRead table, int step, BinlogPosition seen) {}

    StepQueue(Iterator<SourceTable> tables, Beginning beginning) {
        this.tables = tables;
        this.beginning = beginning;
    }

    /// The next step of a load that has not failed, with a snapshot to read it from.
    synchronized Optional<Taken> take(Snapshot snapshot) throws SQLException, InterruptedException {
        TableRead current = table;
        while (current == null || !hasNext(current)) {
            if (!tables.hasNext()) {
                return Optional.empty();
            }
            current = beginning.begin(tables.next()).orElse(null);
            table = current;
            next = current == null ? 0 : current.steps().first();
        }
        try {
            return Optional.of(new Taken(current, next++, snapshot.begin()));
        } catch (SQLException e) {
            current.steps().fail(e);
            throw e;
        }
    }

    private boolean hasNext(TableRead current) {
        return current.steps().failure() == null && next < current.steps().count();
    }

    /// The table whose steps are not all taken.
    synchronized Optional<SourceTable> unfinished() {
        return Optional.ofNullable(table)
                .filter(this::hasNext)
                .map(current -> current.steps().table());
    }
}
