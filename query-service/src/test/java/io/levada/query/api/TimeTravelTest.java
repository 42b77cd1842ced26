package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.events.SourcePosition;
import io.levada.lake.MainLine;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.HistoryPage;
import io.levada.sql.QueryException;
import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryRequest;
import io.levada.sql.QueryStatus;
import io.levada.sql.SelectGate;
import io.levada.sql.SqlError;
import io.levada.sql.TableDetail;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Queries over tables as they were.
final class TimeTravelTest {
    private static final String TABLE = "curated.sales";
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "product", Types.StringType.get()));

    @TempDir
    Path directory;

    private LocalLake lake;
    private LakeTables tables;
    private SelectGate gate;
    private QueryExecutor executor;
    private CatalogPositions positions;
    private long first;
    private long second;

    @BeforeEach
    void start() throws Exception {
        lake = new LocalLake(directory.resolve("lake"));
        lake.create(TABLE, SCHEMA);
        first = append(List.of(1L, "Laptop"));
        second = append(List.of(2L, "Mouse"));
        positions = new CatalogPositions(URI.create("http://127.0.0.1:" + FreePorts.one()), null);
        tables = new LakeTables(
                new TestLake(lake),
                new DuckDbSettings(256, 1, directory.resolve("tmp"), List.of(lake.root())),
                Clock.systemUTC(),
                positions,
                LocalCopies.in(directory.resolve("copies"), 1 << 20));
        gate = SelectGate.open();
        executor = new QueryExecutor(tables, gate, QueryLimits.DEFAULT, (_, _) -> {});
    }

    @AfterEach
    void stop() throws Exception {
        executor.close();
        gate.close();
        positions.close();
        lake.close();
    }

    private Table table() {
        return lake.load(TABLE).orElseThrow();
    }

    private long append(List<?> row) {
        lake.append(TABLE, List.of(row));
        Snapshot snapshot = table().currentSnapshot();
        // Iceberg's clock has milliseconds; the next snapshot has a later one.
        while (System.currentTimeMillis() <= snapshot.timestampMillis()) {
            Thread.onSpinWait();
        }
        return snapshot.snapshotId();
    }

    private QueryStatus run(String sql, Map<String, @Nullable Object> parameters) throws Exception {
        return executor.submit(new QueryRequest(sql, parameters, 100)).await(Duration.ofSeconds(30));
    }

    private List<List<@Nullable Object>> rows(String sql, Object... values) throws Exception {
        QueryStatus status = run(sql.formatted(values), Map.of());
        assertThat(status.failure()).as(sql).isNull();
        return status.rows();
    }

    private QueryException failure(String sql) throws Exception {
        try {
            QueryException failure = run(sql, Map.of()).failure();
            if (failure != null) {
                return failure;
            }
        } catch (QueryException e) {
            return e;
        }
        throw new AssertionError("It did not fail: " + sql);
    }

    private Instant committedAt(long snapshot) {
        return Instant.ofEpochMilli(table().snapshot(snapshot).timestampMillis());
    }

    @Test
    void readsASnapshotByItsId() throws Exception {
        QueryStatus status = run("SELECT id FROM curated.sales FOR VERSION AS OF " + first, Map.of());

        assertThat(status.rows()).containsExactly(List.of(1L));
        assertThat(status.snapshots()).isEqualTo(Map.of(TABLE + "@" + first, Long.toString(first)));
        assertThat(status.completeTo())
                .isEqualTo(Map.of(
                        TABLE + "@" + first,
                        Map.of("shop", new SourcePosition("0/1A", Instant.parse("2026-01-01T00:00:00Z")))));
    }

    @Test
    void readsOneTableAtSeveralSnapshotsInOneQuery() throws Exception {
        QueryStatus status = run("""
                WITH before AS (SELECT * FROM "curated" . "sales" /* as it was */ for version as of %d)
                SELECT now.id, before.id, (SELECT count(*) FROM curated.sales FOR VERSION AS OF %d x WHERE x.id < 9)
                FROM curated.sales now LEFT JOIN before USING (id) ORDER BY 1""".formatted(first, second), Map.of());

        assertThat(status.rows()).hasSize(2);
        assertThat(status.rows().getFirst()).containsExactly(1L, 1L, 2L);
        assertThat(status.rows().getLast()).containsExactly(2L, null, 2L);
        assertThat(status.snapshots())
                .isEqualTo(Map.of(
                        TABLE,
                        Long.toString(second),
                        TABLE + "@" + first,
                        Long.toString(first),
                        TABLE + "@" + second,
                        Long.toString(second)));
    }

    @Test
    void qualifiesColumnsByTheTablesNameOrItsAlias() throws Exception {
        assertThat(rows("SELECT sales.id FROM curated.sales FOR VERSION AS OF %d WHERE sales.id = 1", first))
                .containsExactly(List.of(1L));
        assertThat(rows("SELECT s.id FROM curated.sales FOR VERSION AS OF %d s", first))
                .containsExactly(List.of(1L));
        assertThat(rows("SELECT s.n FROM curated.sales FOR VERSION AS OF %d AS s(n, p)", first))
                .containsExactly(List.of(1L));
        assertThat(rows("FROM curated.sales FOR VERSION AS OF %d SELECT count(*)", first))
                .containsExactly(List.of(1L));
    }

    @Test
    void readsTheSnapshotThatWasCurrentAtATime() throws Exception {
        Instant between = committedAt(second).minusMillis(1);
        String text = between.toString();

        for (String time : List.of(
                "TIMESTAMP '" + text + "'",
                "'" + text.replace("T", " ").replace("Z", "") + "'",
                "TIMESTAMP WITH TIME ZONE '" + text.replace("Z", "+00:00") + "'",
                "TIMESTAMP '" + text.replace("T", " ").replace("Z", " UTC") + "'",
                "TIMESTAMP '" + text.replace("T", " ").replace("Z", " Etc/UTC") + "'")) {
            assertThat(rows("SELECT id FROM curated.sales FOR TIMESTAMP AS OF %s", time))
                    .as(time)
                    .containsExactly(List.of(1L));
        }
        assertThat(rows("SELECT count(*) FROM curated.sales FOR TIMESTAMP AS OF '%s'", committedAt(second)))
                .containsExactly(List.of(2L));
        assertThat(rows("SELECT count(*) FROM curated.sales FOR TIMESTAMP AS OF DATE '2999-01-01'"))
                .containsExactly(List.of(2L));
    }

    @Test
    void takesTheStateFromAParameter() throws Exception {
        String byVersion = "SELECT count(*) FROM curated.sales FOR VERSION AS OF :at WHERE id < :least";
        String byTime = "SELECT count(*), :at FROM curated.sales FOR TIMESTAMP AS OF :at";

        assertThat(run(byVersion, Map.of("at", first, "least", 9)).rows()).containsExactly(List.of(1L));
        assertThat(run(byVersion, Map.of("at", Long.toString(second), "least", 9))
                        .rows())
                .containsExactly(List.of(2L));
        String time = committedAt(first).toString();
        assertThat(run(byTime, Map.of("at", time)).rows()).containsExactly(List.of(1L, time));
        assertThatThrownBy(() -> run(byVersion, Map.of("least", 9))).hasMessageContaining("at has no value");
        assertThatThrownBy(() -> run(byVersion, Map.of("at", 1.5, "least", 9)))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.AS_OF));
    }

    @Test
    void readsTagsAndBranches() throws Exception {
        table().manageSnapshots().createTag("closing 2026", first).commit();
        table().manageSnapshots().createBranch("main-copy", second).commit();

        assertThat(rows("SELECT count(*) FROM curated.sales FOR VERSION AS OF 'closing 2026'"))
                .containsExactly(List.of(1L));
        assertThat(rows("SELECT count(*) FROM curated.sales FOR VERSION AS OF 'main-copy'"))
                .containsExactly(List.of(2L));
        assertThat(tables.table(TABLE, HistoryPage.FIRST).orElseThrow().snapshots())
                .extracting(TableDetail.Snapshot::refs)
                .containsExactly(List.of("main", "main-copy"), List.of("closing 2026"));
    }

    @Test
    void givesDroppedAndRenamedColumnsAsTheyWere() throws Exception {
        table().updateSchema()
                .renameColumn("product", "article")
                .addColumn("note", Types.StringType.get())
                .commit();
        long third = append(List.of(3L, "Screen", "new"));
        table().updateSchema().deleteColumn("article").commit();
        append(List.of(4L, "newest"));

        assertThat(run("SELECT * FROM curated.sales FOR VERSION AS OF " + first, Map.of())
                        .columns())
                .extracting(TableDetail.Column::name)
                .containsExactly("id", "product");
        assertThat(rows("SELECT product FROM curated.sales FOR VERSION AS OF %d", first))
                .containsExactly(List.of("Laptop"));
        assertThat(rows("SELECT article FROM curated.sales FOR VERSION AS OF %d ORDER BY id", third))
                .containsExactly(List.of("Laptop"), List.of("Mouse"), List.of("Screen"));
        assertThat(failure("SELECT article FROM curated.sales").detail()).contains("article");
    }

    @Test
    void saysWhichSnapshotIsTheOldestWhereOneIsGone() throws Exception {
        append(List.of(3L, "Screen"));
        table().expireSnapshots().expireSnapshotId(first).commit();

        QueryException byId = failure("SELECT * FROM curated.sales FOR VERSION AS OF " + first);
        QueryException byName = failure("SELECT * FROM curated.sales FOR VERSION AS OF 'nothing'");
        QueryException before = failure("SELECT * FROM curated.sales FOR TIMESTAMP AS OF '2001-01-01'");

        for (QueryException failure : List.of(byId, byName, before)) {
            assertThat(failure.error()).isEqualTo(SqlError.SNAPSHOT_UNKNOWN);
            assertThat(failure.detail()).contains(TABLE).contains("the oldest that is kept is " + second);
        }
        assertThat(byId.detail()).contains(Long.toString(first));
        assertThat(before.detail()).contains("2001-01-01T00:00:00Z");
    }

    @Test
    void takesTheLastStateBeforeATimeWhereMaintenanceHasLeftOnlySome() throws Exception {
        Instant gone = committedAt(second);
        Instant oldest = committedAt(first);
        append(List.of(3L, "Screen"));
        append(List.of(4L, "Cable"));
        table().expireSnapshots().expireSnapshotId(second).commit();
        String sql = "SELECT count(*) FROM curated.sales FOR TIMESTAMP AS OF '" + gone + "'";
        assertThat(failure(sql).error()).isEqualTo(SqlError.SNAPSHOT_UNKNOWN);

        table().updateProperties()
                .set(MainLine.THINNED_SINCE, Long.toString(oldest.toEpochMilli() - 1))
                .commit();

        QueryStatus status = run(sql, Map.of());
        assertThat(status.rows()).containsExactly(List.of(1L));
        assertThat(status.snapshots()).containsKey("curated.sales@" + first);
        // Before the time since which some are left everywhere, nobody knows how old the last one would be.
        table().updateProperties()
                .set(MainLine.THINNED_SINCE, Long.toString(gone.toEpochMilli() + 1))
                .commit();
        assertThat(failure(sql).error()).isEqualTo(SqlError.SNAPSHOT_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM sales FOR VERSION AS OF 1",
                "SELECT * FROM a.b.sales FOR VERSION AS OF 1",
                "SELECT * FROM curated.sales s FOR VERSION AS OF 1",
                "SELECT * FROM read_parquet('/etc/x') FOR VERSION AS OF 1",
                "SELECT curated.sales FOR VERSION AS OF 1",
                "SELECT curated.sales FOR VERSION AS OF 1 FROM curated.sales",
                "WITH c AS (SELECT 1) SELECT * FROM c FOR VERSION AS OF 1",
                "SELECT * FROM curated.sales FOR VERSION AS OF now()",
                "SELECT * FROM curated.sales FOR VERSION AS OF",
                "SELECT * FROM curated.sales FOR VERSION AS OF 1.5",
                "SELECT * FROM curated.sales FOR VERSION AS OF 99999999999999999999",
                "SELECT * FROM curated.sales FOR TIMESTAMP AS OF 'yesterday'",
                "SELECT * FROM curated.sales FOR TIMESTAMP AS OF 1700000000",
                "SELECT * FROM curated.sales FOR TIMESTAMP AS OF '2026-02-30 10:00'",
                "SELECT * FROM curated.sales FOR VERSION AS OF 'x",
                "SELECT * FROM \"levada as of\".\"0\"",
                "SELECT * FROM \"Levada as of\".\"0\", curated.sales FOR VERSION AS OF 1",
                "SELECT * FROM \"levada as of\".\"0\", curated.sales FOR VERSION AS OF 1 x",
                "SELECT * FROM curated.sales FOR VERSION AS OF 1 FOR VERSION AS OF 2",
                "SELECT * FROM curated.sales AT (VERSION => 1)",
                "INSERT INTO curated.sales FOR VERSION AS OF 1 SELECT 1",
                "SELECT * FROM curated.sales FOR VERSION AS OF 1, read_text('/etc/passwd')",
                "SELECT getenv('HOME') FROM curated.sales FOR VERSION AS OF 1"
            })
    void refusesWhatIsNoTableAtOneState(String sql) throws Exception {
        assertThat(failure(sql).error())
                .isIn(SqlError.AS_OF, SqlError.SYNTAX, SqlError.REFUSED, SqlError.POSITIONAL_PARAMETER);
    }

    @Test
    void leavesTheWordsAloneInTextAndComments() throws Exception {
        assertThat(rows("""
                SELECT 'x FOR VERSION AS OF 1', $$curated.sales FOR VERSION AS OF 2$$, substring('abc' FROM 2 FOR 1),
                E'\\' FOR VERSION AS OF 3' -- curated.sales FOR VERSION AS OF 4
                FROM curated.sales /* FOR VERSION AS OF 5 */ WHERE id = 1""".replace("%", "%%")))
                .containsExactly(List.of(
                        "x FOR VERSION AS OF 1", "curated.sales FOR VERSION AS OF 2", "b", "' FOR VERSION AS OF 3"));
    }

    @Test
    void listsSnapshotsNewestFirstInPages() throws Exception {
        long third = append(List.of(3L, "Screen"));

        TableDetail newest = tables.table(TABLE, new HistoryPage(2, null)).orElseThrow();
        TableDetail oldest = tables.table(TABLE, new HistoryPage(2, second)).orElseThrow();

        assertThat(newest.snapshots())
                .extracting(TableDetail.Snapshot::snapshotId)
                .containsExactly(Long.toString(third), Long.toString(second));
        assertThat(newest.moreSnapshots()).isTrue();
        assertThat(oldest.snapshots())
                .extracting(TableDetail.Snapshot::snapshotId)
                .containsExactly(Long.toString(first));
        assertThat(oldest.moreSnapshots()).isFalse();
        assertThatThrownBy(() -> tables.table(TABLE, new HistoryPage(2, 5L))).hasMessageContaining("has no snapshot 5");
        assertThatThrownBy(() -> new HistoryPage(0, null)).hasMessageContaining("limit");
    }

    @Test
    void tellsTheCauseOfASnapshot() {
        table().newAppend()
                .set("levada.cause", "CURATION")
                .set("levada.event-ids", "e1,e2")
                .set("levada.computed-from.raw.a", "7 8")
                .set("levada.range.c.t.0", "3 9 levada.changes.s.t")
                .set("levada.file-numbers.s.raw.t", "1 2")
                .set("levada.file.s.raw.t.1", "abc a b.csv")
                .set("levada.chunks.raw.t.3", "0 1 9 pos")
                .commit();

        TableDetail.Snapshot snapshot =
                tables.table(TABLE, HistoryPage.FIRST).orElseThrow().snapshots().getFirst();

        assertThat(snapshot.parentId()).isEqualTo(Long.toString(second));
        assertThat(snapshot.operation()).isEqualTo("append");
        assertThat(snapshot.cause()).isEqualTo("CURATION");
        assertThat(snapshot.events()).containsExactly("e1", "e2");
        assertThat(snapshot.rows()).isEqualTo(2);
        assertThat(snapshot.madeOf().tables()).containsExactly(new TableDetail.InputSnapshot("raw.a", "7", "8"));
        assertThat(snapshot.madeOf().ranges())
                .singleElement()
                .matches(range -> range.start() == 3 && range.topic().equals("levada.changes.s.t"));
        assertThat(snapshot.madeOf().files())
                .singleElement()
                .matches(file -> file.path().equals("a b.csv"));
        assertThat(snapshot.madeOf().chunks()).hasSize(1);
        assertThat(snapshot.madeOf().fileNumbers()).hasSize(1);
    }

    @Test
    void tellsRowsAndFilesThatASnapshotAddedAndRemoved() throws Exception {
        lake.replace(TABLE, List.of(List.of(9L, "Desk")));

        TableDetail.Snapshot snapshot =
                tables.table(TABLE, HistoryPage.FIRST).orElseThrow().snapshots().getFirst();

        assertThat(snapshot.rowsAdded()).isEqualTo(1);
        assertThat(snapshot.rowsRemoved()).isEqualTo(2);
        assertThat(snapshot.filesAdded()).isEqualTo(1);
        assertThat(snapshot.filesRemoved()).isEqualTo(2);
    }
}
