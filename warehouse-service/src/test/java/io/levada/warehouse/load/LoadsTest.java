package io.levada.warehouse.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.WarehouseLoad;
import io.levada.events.SourcePosition;
import io.levada.events.TableProperties;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.AsOf;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.HistoryPage;
import io.levada.sql.PastTable;
import io.levada.sql.QueryException;
import io.levada.sql.QuerySession;
import io.levada.sql.SqlError;
import io.levada.sql.TableReads;
import io.levada.sql.TableSummary;
import io.levada.testing.LocalLake;
import io.levada.warehouse.LoadStep;
import io.levada.warehouse.LoadSteps;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoadsTest {
    private static final Schema SALES = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "product", Types.StringType.get()),
            Types.NestedField.optional(3, "total", Types.DecimalType.of(18, 2)));
    private static final WarehouseLoad KEYED = new WarehouseLoad("dw.sales", "curated.sales", List.of("id"));

    @TempDir
    Path directory;

    private final List<LoadedTable> published = new ArrayList<>();
    private final List<LoadStep> steps = new ArrayList<>();
    private LoadSteps listener = (step, _) -> steps.add(step);
    private LocalLake lake;
    private WarehouseDatabase database;

    @BeforeEach
    void open() throws Exception {
        lake = new LocalLake(directory.resolve("lake"));
        lake.create("curated.sales", SALES);
        database = openDatabase();
    }

    private WarehouseDatabase openDatabase() throws Exception {
        return WarehouseDatabase.open(
                directory.resolve("warehouse/warehouse.duckdb"),
                new DuckDbSettings(256, 2, directory.resolve("tmp"), List.of(lake.root())));
    }

    @AfterEach
    void close() throws Exception {
        database.close();
        lake.close();
    }

    private Loads loads(WarehouseLoad... loads) {
        return new Loads(
                List.of(loads),
                lake::load,
                database,
                new SnapshotLoad(database, (step, target) -> listener.at(step, target), Clock.systemUTC()),
                LocalCopies.in(directory.resolve("cache"), 1 << 20),
                published::add,
                new WarehouseMetrics(new SimpleMeterRegistry()));
    }

    private static List<?> row(long id, String product, String total) {
        return List.of(id, product, new BigDecimal(total));
    }

    private List<String> rows(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(result.getObject(i)));
                }
                rows.add(String.join("|", row));
            }
            return rows;
        }
    }

    private List<String> sales() throws SQLException {
        return rows("SELECT * FROM dw.sales ORDER BY ALL");
    }

    private static Loads.LoadStatus only(Loads loads) throws SQLException {
        return loads.status().loads().getFirst();
    }

    private static @Nullable String errorCode(Loads loads) throws SQLException {
        Loads.LoadError error = only(loads).error();
        return error == null ? null : error.code();
    }

    @Test
    void mergesByKeyIncludingRowsThatAreGone() throws Exception {
        Loads loads = loads(KEYED);
        lake.append("curated.sales", List.of(row(1, "a", "1.00"), row(2, "b", "2.00"), row(3, "c", "3.00")));
        loads.sweep();
        assertThat(sales()).containsExactly("1|a|1.00", "2|b|2.00", "3|c|3.00");

        lake.replace("curated.sales", List.of(row(1, "a", "1.00"), row(3, "C", "3.00"), row(4, "d", "4.00")));
        loads.sweep();

        assertThat(sales()).containsExactly("1|a|1.00", "3|C|3.00", "4|d|4.00");
        LoadedTable last = published.getLast();
        assertThat(List.of(last.rows(), last.inserted(), last.updated(), last.deleted()))
                .containsExactly(3L, 1L, 1L, 1L);
        assertThat(loads.status().settled()).isTrue();
        assertThat(only(loads).state()).isEqualTo("UP_TO_DATE");
    }

    @Test
    void equalsTheSnapshotAfterManyRandomChanges() throws Exception {
        Loads loads = loads(KEYED);
        Random random = new Random(7);
        TreeMap<Long, List<?>> expected = new TreeMap<>();
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 30; i++) {
                long id = random.nextInt(40);
                if (random.nextInt(3) == 0) {
                    expected.remove(id);
                } else {
                    String product = random.nextInt(5) == 0 ? null : "p" + random.nextInt(4);
                    expected.put(id, Arrays.asList(id, product, BigDecimal.valueOf(random.nextInt(500), 2)));
                }
            }
            lake.replace("curated.sales", List.copyOf(expected.values()));
            loads.sweep();
            assertThat(rows("SELECT * FROM dw.sales ORDER BY id"))
                    .isEqualTo(expected.values().stream()
                            .map(row -> row.get(0) + "|" + row.get(1) + "|" + row.get(2))
                            .toList());
        }
    }

    @Test
    void emptiesTheTableWithTheLakes() throws Exception {
        Loads loads = loads(KEYED);
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();
        lake.replace("curated.sales", List.of());
        loads.sweep();
        assertThat(sales()).isEmpty();
    }

    @Test
    void replacesWhereThereIsNoKey() throws Exception {
        Loads loads = loads(new WarehouseLoad("dw.sales", "curated.sales", List.of()));
        lake.append("curated.sales", List.of(row(1, "a", "1.00"), row(1, "a", "1.00")));
        loads.sweep();
        lake.replace("curated.sales", List.of(row(2, "b", "2.00"), row(2, "b", "2.00")));
        loads.sweep();
        assertThat(sales()).containsExactly("2|b|2.00", "2|b|2.00");
    }

    @Test
    void loadsNothingAnewWhereFilesWereOnlyRewritten() throws Exception {
        Loads loads = loads(KEYED);
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();
        Table table = lake.load("curated.sales").orElseThrow();
        table.rewriteManifests()
                .clusterBy(_ -> "")
                .set(
                        TableProperties.SUMMARY_REWRITE_OF,
                        Long.toString(table.currentSnapshot().snapshotId()))
                .commit();

        loads.sweep();

        assertThat(published).hasSize(1);
        assertThat(only(loads).state()).isEqualTo("UP_TO_DATE");
        lake.append("curated.sales", List.of(row(2, "b", "2.00")));
        loads.sweep();
        assertThat(published).hasSize(2);
    }

    @Test
    void loadsASnapshotOnce() throws Exception {
        Loads loads = loads(KEYED);
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();
        loads.sweep();
        loads(KEYED).sweep();
        assertThat(published).hasSize(1);
        assertThat(steps).containsExactly(LoadStep.BEFORE_COMMIT, LoadStep.AFTER_COMMIT);
    }

    @Test
    void changesNothingWhenItIsStoppedBeforeTheCommit() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads(KEYED).sweep();
        lake.replace("curated.sales", List.of(row(2, "b", "2.00")));
        listener = (step, _) -> {
            if (step == LoadStep.BEFORE_COMMIT) {
                throw new IllegalStateException("stopped");
            }
        };
        Loads stopped = loads(KEYED);
        stopped.sweep();
        assertThat(sales()).containsExactly("1|a|1.00");
        assertThat(only(stopped).state()).isEqualTo("FAILED");
        assertThat(stopped.status().settled()).isFalse();

        listener = (_, _) -> {};
        stopped.sweep();

        assertThat(sales()).containsExactly("2|b|2.00");
        assertThat(only(stopped).error()).isNull();
    }

    @Test
    void publishesALoadThatWasCommittedButNotPublished() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        listener = (step, _) -> {
            if (step == LoadStep.AFTER_COMMIT) {
                throw new IllegalStateException("stopped");
            }
        };
        WarehouseDatabase first = database;
        assertThatThrownBy(() -> new SnapshotLoad(first, listener, Clock.systemUTC())
                        .run(
                                KEYED,
                                io.levada.sql.TableSnapshot.newest(
                                        "curated.sales",
                                        lake.load("curated.sales").orElseThrow()),
                                null))
                .hasMessage("stopped");
        database.close();
        database = openDatabase();
        listener = (_, _) -> {};
        Loads loads = loads(KEYED);
        assertThat(loads.status().settled()).isFalse();

        loads.sweep();

        assertThat(published).hasSize(1);
        assertThat(sales()).containsExactly("1|a|1.00");
        assertThat(loads.status().settled()).isTrue();
    }

    @Test
    void refusesDuplicateKeysAndNullKeysAndGoesOnWithTheOthers() throws Exception {
        lake.create("curated.other", SALES);
        lake.append("curated.other", List.of(row(9, "z", "9.00")));
        WarehouseLoad other = new WarehouseLoad("dw.other", "curated.other", List.of("id", "product"));
        Loads loads = loads(KEYED, other);
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();

        lake.append("curated.sales", List.of(row(1, "b", "2.00")));
        lake.append("curated.other", List.of(row(9, "y", "9.00")));
        loads.sweep();

        assertThat(only(loads).state()).isEqualTo("FAILED");
        assertThat(errorCode(loads)).isEqualTo("WAREHOUSE-KEY-DUPLICATE");
        assertThat(sales()).containsExactly("1|a|1.00");
        assertThat(rows("SELECT * FROM dw.other ORDER BY ALL")).containsExactly("9|y|9.00", "9|z|9.00");

        lake.replace("curated.sales", List.of(Arrays.asList(null, "n", new BigDecimal("1.00"))));
        loads.sweep();
        assertThat(errorCode(loads)).isEqualTo("WAREHOUSE-KEY-NULL");

        lake.replace("curated.sales", List.of(row(5, "e", "5.00")));
        loads.sweep();
        assertThat(sales()).containsExactly("5|e|5.00");
        assertThat(only(loads).error()).isNull();
    }

    @Test
    void refusesAKeyThatTheTableDoesNotHave() throws Exception {
        Loads loads = loads(new WarehouseLoad("dw.sales", "curated.sales", List.of("nothing")));
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();
        assertThat(errorCode(loads)).isEqualTo("WAREHOUSE-KEY-COLUMN-MISSING");
    }

    @Test
    void rebuildsTheTableWhenItsColumnsChange() throws Exception {
        Loads loads = loads(KEYED);
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads.sweep();
        lake.load("curated.sales")
                .orElseThrow()
                .updateSchema()
                .addColumn("note", Types.StringType.get())
                .deleteColumn("product")
                .commit();
        lake.append("curated.sales", List.of(List.of(2L, new BigDecimal("2.00"), "new")));
        loads.sweep();
        assertThat(rows("SELECT id, total, note FROM dw.sales ORDER BY id"))
                .containsExactly("1|1.00|null", "2|2.00|new");
    }

    @Test
    void rebuildsTheTableWhenItsKeyChanges() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00"), row(1, "b", "1.00")));
        loads(new WarehouseLoad("dw.sales", "curated.sales", List.of())).sweep();
        loads(new WarehouseLoad("dw.sales", "curated.sales", List.of("id", "product")))
                .sweep();
        lake.replace("curated.sales", List.of(row(1, "b", "7.00")));
        loads(new WarehouseLoad("dw.sales", "curated.sales", List.of("id", "product")))
                .sweep();
        assertThat(sales()).containsExactly("1|b|7.00");
    }

    @Test
    void waitsForATableThatIsNotThereYet() throws Exception {
        Loads loads = loads(new WarehouseLoad("dw.x", "curated.missing", List.of()), KEYED);
        loads.sweep();
        assertThat(loads.status().loads()).extracting(Loads.LoadStatus::state).containsExactly("WAITING", "WAITING");
        assertThat(loads.status().settled()).isFalse();
    }

    @Test
    void quotesNames() throws Exception {
        lake.create("curated.odd", new Schema(Types.NestedField.optional(1, "a \"b\" 'c'", Types.LongType.get())));
        lake.append("curated.odd", List.of(List.of(1L)));
        Loads loads = loads(new WarehouseLoad("od\"d.na'me", "curated.odd", List.of("a \"b\" 'c'")));
        loads.sweep();
        lake.append("curated.odd", List.of(List.of(2L)));
        loads.sweep();
        assertThat(rows("SELECT * FROM \"od\"\"d\".\"na'me\" ORDER BY 1")).containsExactly("1", "2");
    }

    @Test
    void servesReadersThatCanChangeNothingAndSeeOneState() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        Loads loads = loads(KEYED);
        loads.sweep();
        WarehouseTables tables = new WarehouseTables(database, Clock.systemUTC());
        try (QuerySession session = tables.open(new TableReads(Set.of("dw.sales"), List.of()));
                Statement statement = session.connection().createStatement()) {
            lake.replace("curated.sales", List.of(row(2, "b", "2.00")));
            loads.sweep();
            try (ResultSet result = statement.executeQuery("SELECT id FROM dw.sales")) {
                result.next();
                assertThat(result.getLong(1)).isEqualTo(1);
            }
            assertThat(session.snapshots()).containsOnlyKeys("dw.sales");
            assertThatThrownBy(() -> statement.execute("DELETE FROM dw.sales")).isInstanceOf(SQLException.class);
        }
        for (String sql : List.of(
                "SELECT * FROM read_text('/etc/passwd')",
                "COPY dw.sales TO '/tmp/levada-escape.csv'",
                "ATTACH '/tmp/levada-escape.duckdb'",
                "SET enable_external_access = true",
                "INSTALL httpfs")) {
            try (QuerySession session = tables.open(new TableReads(Set.of(), List.of()));
                    Statement statement = session.connection().createStatement()) {
                assertThatThrownBy(() -> statement.execute(sql)).as(sql).isInstanceOf(SQLException.class);
            }
        }
        assertThat(sales()).containsExactly("2|b|2.00");
        assertThat(tables.tables()).extracting(table -> table.name()).containsExactly("dw.sales");
        assertThat(tables.table("dw.sales", HistoryPage.FIRST).orElseThrow().columns())
                .hasSize(3);
        assertThat(tables.table("levada.loads", HistoryPage.FIRST)).isEmpty();
        assertThatThrownBy(() -> tables.open(new TableReads(Set.of("levada.loads"), List.of())))
                .isInstanceOf(QueryException.class);
        PastTable past = new PastTable("levada as of.0", "dw.sales", new AsOf.Snapshot(1));
        assertThatThrownBy(() -> tables.open(new TableReads(Set.of(), List.of(past))))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.NO_HISTORY));
    }

    @Test
    void keepsItsTablesOverARestart() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads(KEYED).sweep();
        database.close();
        database = openDatabase();
        assertThat(sales()).containsExactly("1|a|1.00");
        loads(KEYED).sweep();
        assertThat(published).hasSize(1);
        assertThat(new WarehouseTables(database, Clock.systemUTC()).tables())
                .extracting(TableSummary::completeTo)
                .containsExactly(Map.of("shop", new SourcePosition("0/1A", Instant.parse("2026-01-01T00:00:00Z"))));
    }

    @Test
    void aQueryNamesThePositionOfWhatWasLoaded() throws Exception {
        lake.append("curated.sales", List.of(row(1, "a", "1.00")));
        loads(KEYED).sweep();

        try (QuerySession session =
                new WarehouseTables(database, Clock.systemUTC()).open(new TableReads(Set.of("dw.sales"), List.of()))) {
            assertThat(session.completeTo().get("dw.sales")).containsOnlyKeys("shop");
        }
    }
}
