package io.levada.query.api;

import io.levada.events.SourcePosition;
import io.levada.events.TablePosition;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.HistoryPage;
import io.levada.sql.LakeSession;
import io.levada.sql.ParquetTable;
import io.levada.sql.PastTable;
import io.levada.sql.QueryException;
import io.levada.sql.QuerySession;
import io.levada.sql.QueryableTables;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import io.levada.sql.TableReads;
import io.levada.sql.TableSnapshot;
import io.levada.sql.TableSummary;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// The lake's tables, each at its newest snapshot or at the one that a query names. A query plans the files of each
/// snapshot once, and has a DuckDB instance of its own.
final class LakeTables implements QueryableTables {
    private final Lake lake;
    private final DuckDbSettings settings;
    private final Clock clock;
    private final CatalogPositions positions;
    private final LocalCopies copies;

    LakeTables(Lake lake, DuckDbSettings settings, Clock clock, CatalogPositions positions, LocalCopies copies) {
        this.lake = lake;
        this.settings = settings;
        this.clock = clock;
        this.positions = positions;
        this.copies = copies;
    }

    @Override
    public List<TableSummary> tables() {
        Map<String, Table> tables = new LinkedHashMap<>();
        lake.tables().forEach(name -> lake.load(name).ifPresent(table -> tables.put(name, table)));
        Map<String, Map<String, SourcePosition>> completeTo = completeTo(tables);
        return tables.entrySet().stream()
                .map(table ->
                        summary(table.getKey(), table.getValue(), completeTo.getOrDefault(table.getKey(), Map.of())))
                .toList();
    }

    private Map<String, Map<String, SourcePosition>> completeTo(Map<String, Table> tables) {
        Map<String, Snapshot> snapshots = new LinkedHashMap<>();
        tables.forEach((name, table) -> {
            if (table.currentSnapshot() != null) {
                snapshots.put(name, table.currentSnapshot());
            }
        });
        return positions.completeTo(snapshots).join();
    }

    @Override
    public Optional<TableDetail> table(String name, HistoryPage page) {
        return named(name).map(table -> {
            SnapshotHistory.Page history = new SnapshotHistory(name, table).page(page);
            return new TableDetail(
                    summary(name, table, completeTo(Map.of(name, table)).getOrDefault(name, Map.of())),
                    table.schema().columns().stream()
                            .map(field -> new TableDetail.Column(field.name(), DuckDbTypes.of(field.type())))
                            .toList(),
                    history.snapshots(),
                    history.more(),
                    SchemaHistory.of(table));
        });
    }

    private Optional<Table> named(String name) {
        int dot = name.indexOf('.');
        return dot < 1 || dot == name.length() - 1 ? Optional.empty() : lake.load(name);
    }

    private TableSummary summary(String name, Table table, Map<String, SourcePosition> completeTo) {
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new TableSummary(name, 0, 0L, 0, null, null, null, completeTo);
        }
        Instant committedAt = Instant.ofEpochMilli(snapshot.timestampMillis());
        return new TableSummary(
                name,
                orZero(total(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP)),
                total(snapshot, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
                Math.toIntExact(orZero(total(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP))),
                Long.toString(snapshot.snapshotId()),
                committedAt,
                Math.max(0, clock.millis() - committedAt.toEpochMilli()),
                completeTo);
    }

    private static long orZero(@Nullable Long total) {
        return total == null ? 0 : total;
    }

    private static @Nullable Long total(Snapshot snapshot, String property) {
        String total = snapshot.summary().get(property);
        return total == null ? null : Long.valueOf(total);
    }

    @Override
    public QuerySession open(TableReads reads) throws SQLException {
        Map<String, Table> tables = new HashMap<>();
        Map<String, TableSnapshot> read = new LinkedHashMap<>();
        Map<String, Snapshot> named = new LinkedHashMap<>();
        Map<String, TableSnapshot> past = new LinkedHashMap<>();
        List<ParquetTable> views = new ArrayList<>();
        BorrowedSnapshots borrowed = new BorrowedSnapshots(copies);
        try {
            for (String name : reads.current()) {
                Table table = tables.computeIfAbsent(name, this::known);
                read.put(
                        name,
                        borrowed.borrow(name, table, () -> TableSnapshot.newest(name, table, reads.rowsOf(name))));
                if (table.currentSnapshot() != null) {
                    named.put(name, table.currentSnapshot());
                }
            }
            read.values().forEach(snapshot -> views.add(snapshot.table()));
            for (PastTable asked : reads.past()) {
                PastSnapshot at = PastSnapshot.of(asked, tables.computeIfAbsent(asked.table(), this::known));
                TableSnapshot planned = borrowed.borrow(asked.table(), at.table(), at::plan);
                past.put(at.label(), planned);
                views.add(planned.table());
            }
            return new Session(LakeSession.open(settings, views), borrowed, read, past, positions.completeTo(named));
        } catch (SQLException | RuntimeException e) {
            borrowed.close();
            throw e;
        }
    }

    private Table known(String name) {
        return named(name)
                .orElseThrow(
                        () -> new QueryException(SqlError.UNKNOWN_TABLE, "There is no table " + name + " in the lake"));
    }

    private static final class Session implements QuerySession {
        private final LakeSession session;
        private final BorrowedSnapshots borrowed;
        private final Map<String, TableSnapshot> current;
        private final Map<String, TableSnapshot> past;
        private final CompletableFuture<Map<String, Map<String, SourcePosition>>> completeTo;

        /// @param current by name
        /// @param past by `namespace.name@snapshotId`
        /// @param completeTo of the current ones; asked for while the query runs
        Session(
                LakeSession session,
                BorrowedSnapshots borrowed,
                Map<String, TableSnapshot> current,
                Map<String, TableSnapshot> past,
                CompletableFuture<Map<String, Map<String, SourcePosition>>> completeTo) {
            this.session = session;
            this.borrowed = borrowed;
            this.current = current;
            this.past = past;
            this.completeTo = completeTo;
        }

        @Override
        public Map<String, Map<String, SourcePosition>> completeTo() {
            Map<String, Map<String, SourcePosition>> all = new LinkedHashMap<>(completeTo.join());
            past.forEach((name, snapshot) -> {
                Map<String, SourcePosition> said = TablePosition.sources(TablePosition.in(snapshot.summary()));
                if (!said.isEmpty()) {
                    all.put(name, said);
                }
            });
            return all;
        }

        @Override
        public Connection connection() {
            return session.connection();
        }

        @Override
        public Map<String, String> snapshots() {
            Map<String, String> ids = new LinkedHashMap<>();
            read().forEach((name, table) -> {
                if (table.snapshotId() != null) {
                    ids.put(name, table.snapshotId().toString());
                }
            });
            return Collections.unmodifiableMap(ids);
        }

        @Override
        public long scannedBytes() {
            return read().values().stream().mapToLong(TableSnapshot::bytes).sum();
        }

        private Map<String, TableSnapshot> read() {
            Map<String, TableSnapshot> read = new LinkedHashMap<>(current);
            read.putAll(past);
            return read;
        }

        @Override
        public void close() throws SQLException {
            try (borrowed) {
                session.close();
            }
        }
    }
}
