package io.levada.query.api;

import io.levada.sql.DuckDbSettings;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.LakeSession;
import io.levada.sql.QueryException;
import io.levada.sql.QuerySession;
import io.levada.sql.QueryableTables;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import io.levada.sql.TableSnapshot;
import io.levada.sql.TableSummary;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// The lake's tables, each at its newest snapshot. A query plans the files of its tables once, and has
/// a DuckDB instance of its own.
final class LakeTables implements QueryableTables {
    private static final int SNAPSHOTS_SHOWN = 100;

    private final Lake lake;
    private final DuckDbSettings settings;
    private final Clock clock;

    LakeTables(Lake lake, DuckDbSettings settings, Clock clock) {
        this.lake = lake;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public List<TableSummary> tables() {
        return lake.tables().stream()
                .flatMap(name -> lake.load(name).map(table -> summary(name, table)).stream())
                .toList();
    }

    @Override
    public Optional<TableDetail> table(String name) {
        return named(name)
                .map(table -> new TableDetail(
                        summary(name, table),
                        table.schema().columns().stream()
                                .map(field -> new TableDetail.Column(field.name(), DuckDbTypes.of(field.type())))
                                .toList(),
                        StreamSupport.stream(table.snapshots().spliterator(), false)
                                .sorted(Comparator.comparingLong(Snapshot::sequenceNumber)
                                        .reversed())
                                .limit(SNAPSHOTS_SHOWN)
                                .map(LakeTables::snapshot)
                                .toList()));
    }

    private Optional<Table> named(String name) {
        int dot = name.indexOf('.');
        return dot < 1 || dot == name.length() - 1 ? Optional.empty() : lake.load(name);
    }

    private TableSummary summary(String name, Table table) {
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot == null) {
            return new TableSummary(name, 0, 0L, 0, null, null, null);
        }
        Instant committedAt = Instant.ofEpochMilli(snapshot.timestampMillis());
        return new TableSummary(
                name,
                orZero(total(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP)),
                total(snapshot, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
                Math.toIntExact(orZero(total(snapshot, SnapshotSummary.TOTAL_DATA_FILES_PROP))),
                Long.toString(snapshot.snapshotId()),
                committedAt,
                Math.max(0, clock.millis() - committedAt.toEpochMilli()));
    }

    private static long orZero(@Nullable Long total) {
        return total == null ? 0 : total;
    }

    private static TableDetail.Snapshot snapshot(Snapshot snapshot) {
        return new TableDetail.Snapshot(
                Long.toString(snapshot.snapshotId()),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                snapshot.operation(),
                total(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP));
    }

    private static @Nullable Long total(Snapshot snapshot, String property) {
        String total = snapshot.summary().get(property);
        return total == null ? null : Long.valueOf(total);
    }

    @Override
    public QuerySession open(Set<String> names) throws SQLException {
        List<TableSnapshot> snapshots = new ArrayList<>();
        for (String name : names) {
            Table table = named(name)
                    .orElseThrow(() ->
                            new QueryException(SqlError.UNKNOWN_TABLE, "There is no table " + name + " in the lake"));
            snapshots.add(TableSnapshot.newest(name, table));
        }
        return new Session(
                LakeSession.open(
                        settings, snapshots.stream().map(TableSnapshot::table).toList()),
                snapshots);
    }

    private static final class Session implements QuerySession {
        private final LakeSession session;
        private final List<TableSnapshot> tables;

        Session(LakeSession session, List<TableSnapshot> tables) {
            this.session = session;
            this.tables = tables;
        }

        @Override
        public Connection connection() {
            return session.connection();
        }

        @Override
        public Map<String, String> snapshots() {
            Map<String, String> ids = new LinkedHashMap<>();
            for (TableSnapshot table : tables) {
                if (table.snapshotId() != null) {
                    ids.put(table.table().name(), table.snapshotId().toString());
                }
            }
            return Collections.unmodifiableMap(ids);
        }

        @Override
        public long scannedBytes() {
            return tables.stream().mapToLong(TableSnapshot::bytes).sum();
        }

        @Override
        public void close() throws SQLException {
            session.close();
        }
    }
}
