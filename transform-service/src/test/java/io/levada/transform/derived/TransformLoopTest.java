package io.levada.transform.derived;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.CuratedTable;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import io.levada.lake.TableSpec;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.testing.Eventually;
import io.levada.transform.TestLake;
import io.levada.transform.TransformStep;
import io.levada.transform.TransformSteps;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformLoopTest {
    private static final String RAW = "raw.shop_item";
    private static final String STAGE = "stage.shop_item";
    private static final Duration BOUND = Eventually.PATIENCE;
    private static final TransformTiming TIMING = new TransformTiming(
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofMillis(200),
            Duration.ofMillis(20),
            Duration.ofMillis(300),
            Duration.ofMillis(50),
            Duration.ofMillis(200));

    @TempDir
    private Path directory;

    private TestLake lake;
    private TestCommitter committer;
    private final List<String> steps = new CopyOnWriteArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private @Nullable TransformLoop loop;

    @BeforeEach
    void createLake() {
        lake = TestLake.in(directory);
        committer = new TestCommitter(lake);
    }

    @AfterEach
    void stop() {
        if (loop != null) {
            loop.close();
        }
    }

    @Test
    void publishesAMirrorOnceTheLoadIsCompleteAndTheStreamHasPassedIt() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        TransformLoop running = start(Map.of());
        state(running, STAGE, TableState.WAITING);
        raw.loaded(1, "a").loaded(2, "b").commitLoad(1, 0, 3);
        raw.inserted(1, 3, "c").commitTo(2);
        running.committed(RAW);
        state(running, STAGE, TableState.WAITING);
        assertThat(running.status().settled()).isTrue();
        assertThat(lake.load(STAGE)).isEmpty();

        raw.moved(2, 1, 9).deleted(3, 2).commitTo(3);
        running.committed(RAW);

        state(running, STAGE, TableState.UP_TO_DATE);
        assertThat(rows(STAGE)).containsExactlyInAnyOrder("3|c", "9|a");
        assertThat(names(STAGE)).containsExactly("id", "name");
        assertThat(steps).containsExactly("BEGUN " + STAGE, "FILES_CLOSED " + STAGE, "AFTER_OFFER " + STAGE);
        FilesWritten event = committer.offered().getFirst();
        assertThat(event.cause()).isEqualTo(Cause.MIRROR);
        assertThat(event.replace()).isTrue();
        assertThat(event.base()).isNull();
        assertThat(event.inputs()).containsExactly(new TableInput(RAW, null, snapshot(RAW)));
        assertThat(registry.get("levada.transform.rows.written").counter().count())
                .isEqualTo(2);
    }

    @Test
    void aRewriteOfTheInputComputesNothingAnew() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        state(running, STAGE, TableState.UP_TO_DATE);
        long content = snapshot(RAW);
        Table table = lake.load(RAW).orElseThrow();
        table.rewriteManifests()
                .clusterBy(_ -> "")
                .set(TableProperties.SUMMARY_REWRITE_OF, Long.toString(content))
                .commit();
        assertThat(snapshot(RAW)).isNotEqualTo(content);

        running.committed(RAW);
        raw.inserted(1, 2, "b").commitTo(2);
        running.committed(RAW);

        Eventually.within(BOUND, () -> assertThat(rows(STAGE)).containsExactlyInAnyOrder("1|a", "2|b"));
        state(running, STAGE, TableState.UP_TO_DATE);
        assertThat(committer.offered(STAGE)).hasSize(2);
        assertThat(committer.offered(STAGE).getLast().inputs())
                .containsExactly(new TableInput(RAW, content, snapshot(RAW)));
    }

    @Test
    void aTableThatFollowsFromARewrittenInputIsUpToDate() throws Exception {
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        state(running, STAGE, TableState.UP_TO_DATE);
        Table table = lake.load(RAW).orElseThrow();
        table.rewriteManifests()
                .clusterBy(_ -> "")
                .set(TableProperties.SUMMARY_REWRITE_OF, Long.toString(snapshot(RAW)))
                .commit();

        Standing standing = new Comparison(lake, List.of()).of(new DerivedTable.Mirror(STAGE, RAW));

        assertThat(standing).isInstanceOf(Standing.UpToDate.class);
    }

    @Test
    void anEmptySourceTableHasAnEmptyMirror() throws Exception {
        RawTable.create(lake, RAW).commitLoad(1, 0, 0);

        TransformLoop running = start(Map.of());

        state(running, STAGE, TableState.UP_TO_DATE);
        assertThat(rows(STAGE)).isEmpty();
    }

    @Test
    void aLoadOfNoRowsReplacesAnEarlierOneThoughThereIsNoNewSnapshot() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        state(running, STAGE, TableState.UP_TO_DATE);

        raw.commitLoad(2, 5, 0);
        running.committed(RAW);

        Eventually.within(BOUND, () -> assertThat(rows(STAGE)).isEmpty());
    }

    @Test
    void aTableWithoutAKeyHasNoMirror() {
        RawTable.create(lake, RAW, "").commitLoad(1, 0, 0);

        TransformLoop running = start(Map.of());

        assertThat(running.status().tables()).isEmpty();
        assertThat(running.status().settled()).isTrue();
    }

    @Test
    void computesTablesThatReadOneAnotherInOrderAndDoesNothingMoreOnceAllFollow() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "a").loaded(2, "b").commitLoad(1, 0, 0);
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        curated(tables, "curated.last", "SELECT n * 10 AS n FROM curated.first", "curated.first");
        curated(tables, "curated.first", "SELECT count(*) AS n FROM stage.shop_item; ", STAGE);

        TransformLoop running = start(tables);

        settled(running);
        assertThat(rows("curated.last")).containsExactly("20");
        assertThat(committer.offered())
                .extracting(FilesWritten::table)
                .containsExactly(STAGE, "curated.first", "curated.last");
        raw.inserted(1, 3, "c").commitTo(1);
        running.committed(RAW);
        Eventually.within(BOUND, () -> assertThat(rows("curated.last")).containsExactly("30"));
        settled(running);
        int offers = committer.offered().size();
        running.lookAtEverything();
        running.lookAtEverything();
        settled(running);
        assertThat(committer.offered()).hasSize(offers);
        TransformStatus.Table status = table(running, "curated.last");
        assertThat(status.inputs())
                .containsExactly(Map.entry("curated.first", Long.toString(snapshot("curated.first"))));
        assertThat(status.snapshotId()).isEqualTo(Long.toString(snapshot("curated.last")));
    }

    @Test
    void saysWhichInputsATableWaitsForAndComputesItOnceTheyExist() throws Exception {
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        curated(tables, "curated.joined", "SELECT count(*) AS n FROM raw.shop_item, raw.other", RAW, "raw.other");
        TransformLoop running = start(tables);
        Eventually.within(
                BOUND,
                () -> assertThat(table(running, "curated.joined").waitingFor()).contains("raw.other", RAW));
        assertThat(running.status().settled()).isTrue();

        RawTable.create(lake, RAW, "").inserted(1, 1, "a").commitTo(1);
        lake.create(new TableSpec(
                "raw.other",
                new Schema(Types.NestedField.optional(1, "x", Types.IntegerType.get())),
                List.of(),
                lake.layout().table("raw.other"),
                Map.of()));

        state(running, "curated.joined", TableState.UP_TO_DATE);
        assertThat(rows("curated.joined")).containsExactly("0");
    }

    @Test
    void catchesUpWithWhatWasCommittedWhileItWasDown() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop first = start(Map.of());
        settled(first);
        first.close();
        raw.inserted(1, 2, "b").commitTo(1);

        settled(start(Map.of()));

        assertThat(rows(STAGE)).containsExactlyInAnyOrder("1|a", "2|b");
    }

    @Test
    void computesATableAnewWhenItsSelectChanged() throws Exception {
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        curated(tables, "curated.x", "SELECT id FROM stage.shop_item", STAGE);
        TransformLoop first = start(tables);
        settled(first);
        first.close();
        curated(tables, "curated.x", "SELECT name || '!' AS name FROM stage.shop_item", STAGE);

        settled(start(tables));

        assertThat(rows("curated.x")).containsExactly("a!");
        assertThat(names("curated.x")).containsExactly("name");
    }

    @Test
    void aFailingSelectShowsTheEnginesWordsAndStopsNothingElse() throws Exception {
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "x").commitLoad(1, 0, 0);
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        curated(tables, "curated.bad", "SELECT name::INTEGER AS n FROM stage.shop_item WHERE id = 1", STAGE);
        curated(tables, "curated.typed", "SELECT INTERVAL 1 DAY AS n FROM stage.shop_item", STAGE);
        curated(tables, "curated.good", "SELECT count(*) AS n FROM stage.shop_item", STAGE);

        TransformLoop running = start(tables);

        state(running, "curated.bad", TableState.FAILED);
        state(running, "curated.good", TableState.UP_TO_DATE);
        TransformStatus.Failure failure = error(running, "curated.bad");
        assertThat(failure.code()).isEqualTo("TRANSFORM-SELECT-FAILED");
        assertThat(failure.detail()).contains("Could not convert string 'x' to INT32");
        state(running, "curated.typed", TableState.FAILED);
        assertThat(error(running, "curated.typed").code()).isEqualTo("TRANSFORM-TYPE-UNSUPPORTED");
        settled(running);
        raw.deleted(1, 1).commitTo(1);
        running.committed(RAW);
        state(running, "curated.bad", TableState.UP_TO_DATE);
    }

    @Test
    void computesFromFreshInputsWhenARefusalSaysSo() throws Exception {
        committer.mode(TestCommitter.Mode.REFUSE_ONCE);
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);

        settled(start(Map.of()));

        assertThat(rows(STAGE)).containsExactly("1|a");
        assertThat(committer.offered()).hasSize(2);
        assertThat(committer.offered()).extracting(FilesWritten::id).doesNotHaveDuplicates();
    }

    @Test
    void showsARefusalThatIsFinalAndTriesAgain() throws Exception {
        committer.mode(TestCommitter.Mode.REFUSE_FINALLY);
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        state(running, STAGE, TableState.FAILED);
        assertThat(running.status().settled()).isFalse();

        committer.mode(TestCommitter.Mode.COMMIT);

        settled(running);
        assertThat(rows(STAGE)).containsExactly("1|a");
    }

    @Test
    void hasOneOfferInFlightAndMakesUpForALostOne() throws Exception {
        committer.mode(TestCommitter.Mode.LOSE);
        RawTable raw = RawTable.create(lake, RAW);
        raw.loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        Eventually.within(BOUND, () -> assertThat(committer.offered()).hasSize(1));
        raw.inserted(1, 2, "b").commitTo(1);
        running.committed(RAW);
        assertThat(running.status().settled()).isFalse();
        assertThat(table(running, STAGE).state()).isEqualTo(TableState.COMPUTING);
        assertThat(committer.offered()).hasSize(1);

        committer.mode(TestCommitter.Mode.COMMIT);

        settled(running);
        assertThat(rows(STAGE)).containsExactlyInAnyOrder("1|a", "2|b");
    }

    @Test
    void noticesACommitThatNobodyToldItOf() throws Exception {
        committer.mode(TestCommitter.Mode.HOLD);
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        Eventually.within(BOUND, () -> assertThat(committer.offered()).isNotEmpty());

        lake.commit(committer.offered().getFirst());

        settled(running);
        assertThat(rows(STAGE)).containsExactly("1|a");
    }

    @Test
    void sendsTheSameEventAgainOnceKafkaIsBack() throws Exception {
        committer.mode(TestCommitter.Mode.UNAVAILABLE);
        RawTable.create(lake, RAW).loaded(1, "a").commitLoad(1, 0, 0);
        TransformLoop running = start(Map.of());
        Eventually.within(BOUND, () -> {
            TransformStatus.Failure failure = error(running, STAGE);
            assertThat(failure.code()).isEqualTo("TRANSFORM-KAFKA-UNAVAILABLE");
        });

        committer.mode(TestCommitter.Mode.COMMIT);

        settled(running);
        assertThat(rows(STAGE)).containsExactly("1|a");
        assertThat(registry.get("levada.transform.tables.computed").timer().count())
                .isEqualTo(1);
    }

    @Test
    void readsPartitionedTablesAndWritesThem() throws Exception {
        RawTable.create(lake, RAW).loaded(1, "a").loaded(2, "b").loaded(3, "a").commitLoad(1, 0, 0);
        Map<String, CuratedTable> tables = new LinkedHashMap<>();
        tables.put(
                "curated.parts",
                new CuratedTable(
                        "curated.parts",
                        "SELECT id, name FROM stage.shop_item -- all of them",
                        Set.of(STAGE),
                        List.of("name")));
        curated(tables, "curated.n", "SELECT count(*) AS n FROM curated.parts WHERE name = 'a'", "curated.parts");

        settled(start(tables));

        assertThat(rows("curated.n")).containsExactly("2");
        assertThat(committer.offered("curated.parts").getFirst().files())
                .extracting(file -> file.partition())
                .containsExactlyInAnyOrder("name=a", "name=b");
    }

    private TransformLoop start(Map<String, CuratedTable> curated) {
        PostgresSource source = new PostgresSource(
                "shop",
                "jdbc:postgresql://127.0.0.1/shop",
                "levada",
                new Secret("x"),
                List.of(new SourceTable("public", "item", "item")));
        PipelineDefinition definition = new PipelineDefinition(
                directory,
                "test",
                LakeDefinition.DEFAULT,
                FlushPolicy.DEFAULT,
                Map.of("shop", source),
                curated,
                Map.of(),
                Map.of());
        TransformSteps listener = (TransformStep step, String table) -> steps.add(step + " " + table);
        TransformLoop started = new TransformLoop(
                definition,
                lake,
                lake.layout(),
                new TransformEngine(
                        new DuckDbSettings(256, 2, directory.resolve("spill"), List.of(directory.resolve("lake"))),
                        LocalCopies.in(directory.resolve("cache"), 1 << 20),
                        directory),
                committer,
                listener,
                TIMING,
                registry);
        committer.tell(started);
        loop = started;
        started.start();
        return started;
    }

    private static void curated(Map<String, CuratedTable> tables, String name, String sql, String... inputs) {
        tables.put(name, new CuratedTable(name, sql, Set.of(inputs), List.of()));
    }

    private static void settled(TransformLoop loop) {
        Eventually.within(BOUND, () -> assertThat(loop.status()).matches(TransformStatus::settled));
    }

    private static void state(TransformLoop loop, String table, TableState state) {
        Eventually.within(BOUND, () -> assertThat(table(loop, table).state()).isEqualTo(state));
    }

    private static TransformStatus.Table table(TransformLoop loop, String name) {
        return loop.status().tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static TransformStatus.Failure error(TransformLoop loop, String name) {
        return Objects.requireNonNull(table(loop, name).error());
    }

    private long snapshot(String name) {
        return lake.load(name).orElseThrow().currentSnapshot().snapshotId();
    }

    private List<String> names(String name) {
        return lake.load(name).orElseThrow().schema().columns().stream()
                .map(Types.NestedField::name)
                .toList();
    }

    private List<String> rows(String name) throws Exception {
        Table table = lake.load(name).orElseThrow();
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            for (Record row : records) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < row.size(); i++) {
                    values.add(String.valueOf(row.get(i)));
                }
                rows.add(String.join("|", values));
            }
        }
        return rows;
    }
}
