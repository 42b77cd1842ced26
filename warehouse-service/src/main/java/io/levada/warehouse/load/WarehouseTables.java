package io.levada.warehouse.load;

import io.levada.events.SourcePosition;
import io.levada.events.TablePosition;
import io.levada.sql.HistoryPage;
import io.levada.sql.LakeSession;
import io.levada.sql.QueryException;
import io.levada.sql.QuerySession;
import io.levada.sql.QueryableTables;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import io.levada.sql.TableReads;
import io.levada.sql.TableSummary;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The loaded tables of the warehouse. A query reads them in one read-only transaction.
final class WarehouseTables implements QueryableTables {
    private final WarehouseDatabase database;
    private final Clock clock;

    WarehouseTables(WarehouseDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public List<TableSummary> tables() {
        return loads().values().stream().map(this::summary).toList();
    }

    private Map<String, LoadedTable> loads() {
        try {
            return database.loads();
        } catch (SQLException e) {
            throw new QueryException(SqlError.INTERNAL, "The warehouse's loads can not be read", e);
        }
    }

    private TableSummary summary(LoadedTable loaded) {
        return new TableSummary(
                loaded.target(),
                loaded.rows(),
                null,
                null,
                Long.toString(loaded.snapshotId()),
                loaded.loadedAt(),
                Math.max(0, clock.millis() - loaded.loadedAt().toEpochMilli()),
                TablePosition.sources(loaded.completeTo()));
    }

    @Override
    public Optional<TableDetail> table(String name, HistoryPage page) {
        LoadedTable loaded = loads().get(name);
        if (loaded == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TableDetail(
                    summary(loaded),
                    columns(name),
                    List.of(new TableDetail.Snapshot(
                            Long.toString(loaded.snapshotId()), loaded.loadedAt(), loaded.rows()))));
        } catch (SQLException e) {
            throw new QueryException(SqlError.INTERNAL, "The columns of " + name + " can not be read", e);
        }
    }

    private List<TableDetail.Column> columns(String name) throws SQLException {
        List<TableDetail.Column> columns = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("DESCRIBE " + LakeSession.quotedTable(name))) {
            while (rows.next()) {
                columns.add(new TableDetail.Column(rows.getString(1), rows.getString(2)));
            }
        }
        return columns;
    }

    @Override
    public QuerySession open(TableReads reads) throws SQLException {
        if (!reads.past().isEmpty()) {
            throw new QueryException(
                    SqlError.NO_HISTORY,
                    "The warehouse has " + reads.past().getFirst().table() + " only as it is now, and no FOR VERSION AS"
                            + " OF or FOR TIMESTAMP AS OF");
        }
        Connection connection = database.connect();
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN TRANSACTION READ ONLY");
            }
            Map<String, LoadedTable> loads = WarehouseDatabase.loads(connection);
            Map<String, String> snapshots = new LinkedHashMap<>();
            Map<String, Map<String, SourcePosition>> completeTo = new LinkedHashMap<>();
            for (String name : reads.current()) {
                LoadedTable loaded = loads.get(name);
                if (loaded == null) {
                    throw new QueryException(SqlError.UNKNOWN_TABLE, "There is no table " + name + " in the warehouse");
                }
                snapshots.put(name, Long.toString(loaded.snapshotId()));
                if (!loaded.completeTo().isEmpty()) {
                    completeTo.put(name, TablePosition.sources(loaded.completeTo()));
                }
            }
            return new Session(connection, snapshots, completeTo);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// @param snapshots of the lake that the tables were loaded from
    /// @param completeTo what those snapshots said of their sources
    private record Session(
            Connection connection, Map<String, String> snapshots, Map<String, Map<String, SourcePosition>> completeTo)
            implements QuerySession {
        /// Tables of the warehouse have no files of their own.
        @Override
        public long scannedBytes() {
            return 0;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
