package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.PublishedPosition;
import io.levada.events.SourcePosition;
import io.levada.events.TableCommitted;
import io.levada.events.TablePosition;
import io.levada.events.TableProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletenessTest {
    private static final String RAW = "raw.s_t";
    private static final String OTHER = "raw.s_o";
    private static final String FILES = "raw.inbox_f";
    private static final String CURATED = "curated.c";

    @TempDir
    private Path directory;

    private TestLake lake;
    private final PublishedPositions positions = new PublishedPositions();
    private Completeness completeness;

    @BeforeEach
    void openLake() {
        lake = new TestLake(directory);
        completeness = new Completeness(lake.catalog(), positions);
        create(RAW, "s");
    }

    @AfterEach
    void closeLake() {
        lake.close();
    }

    private void create(String name, String source) {
        lake.create(name).updateProperties().set(TableProperties.SOURCE, source).commit();
    }

    private void apply(FilesWritten event) {
        Committer committer = new Committer(
                lake.catalog(),
                new RecordedEvents(),
                (_, _) -> {},
                new CatalogMetrics(new SimpleMeterRegistry()),
                _ -> {},
                completeness);
        assertThat(committer.apply(event.table(), List.of(event))).isEqualTo(new Progress(1, null));
    }

    private void published(long at, long end) {
        positions.published(new PublishedPosition(
                "s",
                "%020d".formatted(at),
                "0/" + at,
                Instant.ofEpochSecond(at),
                Map.of("levada.changes.s.t", end),
                Set.of()));
    }

    private static SourcePosition at(long at) {
        return new SourcePosition("0/" + at, Instant.ofEpochSecond(at));
    }

    private Map<String, SourcePosition> announced(String name) {
        Table table = lake.table(name);
        TableCommitted event = Announcement.of(name, table, table.currentSnapshot());
        return event.completeTo();
    }

    private Map<String, SourcePosition> now(String name) {
        return TablePosition.sources(completeness.now(name, lake.table(name)));
    }

    @Test
    void aSnapshotNamesThePositionThatItsRangeReaches() {
        apply(load("l1", RAW, 1, null, lake.file(RAW, 1)));
        published(10, 5);
        published(20, 9);

        apply(changes("e1", RAW, 0, 7, lake.file(RAW, 2)));

        assertThat(announced(RAW)).isEqualTo(Map.of("s", at(10)));
    }

    @Test
    void aTableIsCompleteToNothingBeforeItsLoadCanBeUsed() {
        published(10, 5);
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));
        Map<String, SourcePosition> beforeLoad = announced(RAW);
        apply(load("l1", RAW, 1, 8L, lake.file(RAW, 1)));
        Map<String, SourcePosition> loaded = announced(RAW);
        published(20, 8);

        apply(changes("e2", RAW, 5, 8, lake.file(RAW, 3)));

        assertThat(beforeLoad).isEmpty();
        assertThat(loaded).isEmpty();
        assertThat(announced(RAW)).isEqualTo(Map.of("s", at(20)));
    }

    @Test
    void aTableIsCompleteToNothingAfterLostLogUntilItIsLoadedAgain() {
        apply(load("l1", RAW, 1, null, lake.file(RAW, 1)));
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.LOAD_POS, "0001-" + "0".repeat(20))
                .commit();
        positions.published(
                new PublishedPosition("s", "0001-10", "0/10", null, Map.of("levada.changes.s.t", 5L), Set.of()));
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));
        positions.published(
                new PublishedPosition("s", "0002-10", "0/20", null, Map.of("levada.changes.s.t", 6L), Set.of()));
        apply(changes("e2", RAW, 5, 6, lake.file(RAW, 3)));
        Map<String, SourcePosition> lost = now(RAW);

        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.LOAD_POS, "0002-" + "0".repeat(20))
                .commit();

        assertThat(lost).isEqualTo(Map.of("s", new SourcePosition("0/10", null)));
        assertThat(now(RAW)).isEqualTo(Map.of("s", new SourcePosition("0/20", null)));
    }

    @Test
    void anIdleTableGoesOnWithItsSourceAndASnapshotKeepsWhatItSaid() {
        apply(load("l1", RAW, 1, null, lake.file(RAW, 1)));
        published(10, 5);
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));

        published(30, 5);

        assertThat(now(RAW)).isEqualTo(Map.of("s", at(30)));
        assertThat(announced(RAW)).isEqualTo(Map.of("s", at(10)));
    }

    @Test
    void aDerivedTableIsCompleteToTheLeastOfItsInputs() {
        create(OTHER, "s");
        create(FILES, "inbox");
        lake.create(CURATED);
        apply(load("l1", OTHER, 1, null, lake.file(OTHER, 1)));
        apply(load("l2", RAW, 1, null, lake.file(RAW, 1)));
        apply(FilesWritten.file(
                "f1", FILES, 0, List.of(lake.file(FILES, 1)), new FileIdentity("inbox", FILES, 1, "f1.csv", "00")));
        published(10, 5);
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));
        published(20, 6);

        apply(curated(
                "c1",
                CURATED,
                null,
                Map.of(RAW, List.of(id(RAW)), OTHER, List.of(id(OTHER)), FILES, List.of(id(FILES))),
                lake.file(CURATED, 1)));

        assertThat(now(OTHER)).isEqualTo(Map.of("s", at(20)));
        assertThat(announced(CURATED)).isEqualTo(Map.of("s", at(10), "inbox", new SourcePosition("1", null)));
    }

    @Test
    void aTableOfAnInputThatIsNotCompleteIsNotCompleteEither() {
        create(OTHER, "s");
        lake.create(CURATED);
        published(10, 5);
        apply(load("l1", OTHER, 1, null, lake.file(OTHER, 1)));
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));

        apply(curated(
                "c1", CURATED, null, Map.of(RAW, List.of(id(RAW)), OTHER, List.of(id(OTHER))), lake.file(CURATED, 1)));

        assertThat(announced(CURATED)).isEmpty();
    }

    @Test
    void anEarlierSnapshotIsCompleteToWhatItSaid() {
        apply(load("l1", RAW, 1, null, lake.file(RAW, 1)));
        published(10, 5);
        apply(changes("e1", RAW, 0, 5, lake.file(RAW, 2)));
        long earlier = id(RAW);
        published(20, 6);
        apply(changes("e2", RAW, 5, 6, lake.file(RAW, 3)));

        assertThat(TablePosition.sources(completeness.of(RAW, earlier))).isEqualTo(Map.of("s", at(10)));
        assertThat(completeness.of(RAW, 4711)).isEmpty();
        assertThat(completeness.of("raw.absent", earlier)).isEmpty();
    }

    private long id(String table) {
        return lake.table(table).currentSnapshot().snapshotId();
    }
}
