package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.StreamedPosition;
import io.levada.ingest.capture.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;

/// Reads the steps of one table's load, each from a snapshot whose place among the changes is known. Safe for
/// use by several threads.
final class TableRead {
    private final BinlogSource source;
    private final BinlogChecks checks;
    private final BinlogPlaces places;
    private final StreamedPosition stream;
    private final LoadFiles files;
    private final KeySteps keys;
    private final LoadedSteps steps;

    TableRead(
            BinlogSource source,
            BinlogChecks checks,
            BinlogPlaces places,
            StreamedPosition stream,
            LoadFiles files,
            KeySteps keys,
            LoadedSteps steps) {
        this.source = source;
        this.checks = checks;
        this.places = places;
        this.stream = stream;
        this.files = files;
        this.keys = keys;
        this.steps = steps;
    }

    LoadedSteps steps() {
        return steps;
    }

    /// The table has another key than when its steps were made: the load must begin again.
    static final class OtherKey extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OtherKey(String table) {
            super("Table " + table + " got another primary key while it was loaded");
        }
    }

    /// A step that was read from a snapshot.
    ///
    /// @param seen the snapshot's place in the log
    record Read(LoadChunk chunk, LoadedChunk loaded, BinlogPosition seen) {}

    /// Reads one step.
    ///
    /// @param connection in a transaction on a snapshot
    /// @param seen the snapshot's place in the log
    Read read(Connection connection, int step, BinlogPosition seen) throws SQLException, InterruptedException {
        SourceTable table = steps.table();
        LoadChunk chunk = steps.chunk(step, places.await(seen));
        LoadOrigin origin = new LoadOrigin(source.name(), chunk, seen.text(), Instant.now());
        keepDefinition(connection, table);
        BinlogChecks.Described described = checks.describe(connection, table);
        if (!keys.fit(described)) {
            throw new OtherKey(table.qualifiedName());
        }
        List<QueryCopy.Column> columns = columns(table, described);
        LoadedChunk loaded = files.write(source, table, described.shape(), origin, (target, quarantine, clock) -> {
            try (ChunkRows rows = new ChunkRows(target, quarantine, clock, origin, steps::rowsRead);
                    PreparedStatement query =
                            keys.query(connection, table, described, step, QueryCopy.expressions(columns))) {
                return new QueryCopy(columns, target.schema()).copy(query, rows);
            }
        });
        return new Read(chunk, loaded, seen);
    }

    /// Offers a step, and those after it that are read, once those before it are offered.
    void offer(Read read) throws SQLException, InterruptedException {
        // What is not published yet may get another place after a restart.
        stream.await(place -> !read.seen().isAfter(place), read.seen().text());
        steps.read(read.chunk(), read.loaded());
    }

    /// The transaction has used the table, so nobody changes its definition before it ends.
    private static void keepDefinition(Connection connection, SourceTable table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1 FROM " + BinlogServer.quotedName(table) + " LIMIT 0");
        }
    }

    private static List<QueryCopy.Column> columns(SourceTable table, BinlogChecks.Described described) {
        RuledValues rules = new RuledValues(table.rules());
        List<TableShape.Column> columns = described.shape().columns();
        return columns.stream()
                .map(column -> BinlogColumns.read(column, described, rules))
                .toList();
    }
}
