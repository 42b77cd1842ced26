package io.levada.sql;

import io.levada.events.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// Fixed Parquet files as tables; counts its sessions.
public final class ParquetTables implements QueryableTables {
    private static final SourcePosition COMPLETE_TO = new SourcePosition("0/1A", Instant.EPOCH);

    private final DuckDbSettings settings;
    private final Map<String, ParquetTable> tables;
    final AtomicInteger openSessions = new AtomicInteger();

    public ParquetTables(DuckDbSettings settings, List<ParquetTable> tables) {
        this.settings = settings;
        this.tables = tables.stream().collect(Collectors.toMap(ParquetTable::name, table -> table));
    }

    @Override
    public List<TableSummary> tables() {
        return tables.keySet().stream().sorted().map(ParquetTables::summary).toList();
    }

    private static TableSummary summary(String name) {
        return new TableSummary(name, 3, 100L, 1, "1", Instant.EPOCH, 5L, Map.of("shop", COMPLETE_TO));
    }

    @Override
    public Optional<TableDetail> table(String name, HistoryPage page) {
        return Optional.ofNullable(tables.get(name))
                .map(table -> new TableDetail(
                        summary(name),
                        table.schema().columns().stream()
                                .map(field -> new TableDetail.Column(field.name(), DuckDbTypes.of(field.type())))
                                .toList(),
                        List.of()));
    }

    @Override
    public QuerySession open(TableReads reads) throws SQLException {
        if (!reads.past().isEmpty()) {
            throw new QueryException(SqlError.NO_HISTORY, "These tables keep no history");
        }
        Set<String> names = reads.current();
        List<ParquetTable> read = new ArrayList<>();
        for (String name : names) {
            ParquetTable table = tables.get(name);
            if (table == null) {
                throw new QueryException(SqlError.UNKNOWN_TABLE, "There is no table " + name);
            }
            read.add(table);
        }
        LakeSession session = LakeSession.open(settings, read);
        openSessions.incrementAndGet();
        return new QuerySession() {
            @Override
            public Connection connection() {
                return session.connection();
            }

            @Override
            public Map<String, String> snapshots() {
                return names.stream().collect(Collectors.toMap(name -> name, _ -> "1"));
            }

            @Override
            public Map<String, Map<String, SourcePosition>> completeTo() {
                return names.stream().collect(Collectors.toMap(name -> name, _ -> Map.of("shop", COMPLETE_TO)));
            }

            @Override
            public long scannedBytes() {
                return 100L * names.size();
            }

            @Override
            public void close() throws SQLException {
                openSessions.decrementAndGet();
                session.close();
            }
        };
    }
}
