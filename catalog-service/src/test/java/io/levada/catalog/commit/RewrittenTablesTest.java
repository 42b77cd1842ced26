package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.arrived;
import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.load;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.events.TableCommitted;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the committer makes of tables whose files were rewritten and whose snapshots have expired.
class RewrittenTablesTest {
    private static final String RAW = "raw.s_t";
    private static final String QUARANTINE = "raw.quarantine";
    private static final String CURATED = "curated.t";

    private final RecordedEvents published = new RecordedEvents();
    private final CatalogMetrics metrics = new CatalogMetrics(new SimpleMeterRegistry());
    private TestLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new TestLake(directory);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private Progress apply(FilesWritten... events) {
        return new Committer(
                        lake.catalog(),
                        published,
                        (_, _) -> {},
                        metrics,
                        _ -> {},
                        new Completeness(lake.catalog(), new PublishedPositions()))
                .apply(events[0].table(), List.of(events));
    }

    private void expireAllButTheCurrent(String name) {
        lake.table(name)
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis() + 1)
                .retainLast(1)
                .cleanExpiredFiles(false)
                .commit();
        assertThat(lake.table(name).snapshots()).hasSize(1);
    }

    /// A snapshot that keeps the rows, as maintenance makes them.
    private void rewrite(String name) {
        Table table = lake.table(name);
        table.rewriteManifests()
                .clusterBy(_ -> "")
                .set(
                        TableProperties.SUMMARY_REWRITE_OF,
                        Long.toString(Objects.requireNonNull(ContentSnapshot.current(table))))
                .commit();
    }

    private long current(String name) {
        return lake.table(name).currentSnapshot().snapshotId();
    }

    @Test
    void commitsNothingTwiceThoughAllButTheCurrentSnapshotHaveExpired() throws Exception {
        lake.create(RAW);
        lake.create(QUARANTINE);
        List<FilesWritten> raw = List.of(
                load("e1", RAW, 1, 1L, lake.file(RAW, 1)),
                changes("e2", RAW, 0, 10, lake.file(RAW, 2)),
                arrived("e3", RAW, 1, lake.file(RAW, 3)),
                changes("e4", RAW, 10, 20, lake.file(RAW, 4)),
                arrived("e5", RAW, 2, lake.file(RAW, 5)));
        List<FilesWritten> quarantine = List.of(
                FilesWritten.quarantine(
                        "q1", QUARANTINE, 0, List.of(lake.file(QUARANTINE, 1)), List.of(TestLake.range(0, 10)), null),
                FilesWritten.quarantine(
                        "q2", QUARANTINE, 0, List.of(lake.file(QUARANTINE, 2)), List.of(), TestLake.identity(RAW, 1)),
                FilesWritten.quarantine(
                        "q3",
                        QUARANTINE,
                        0,
                        List.of(lake.file(QUARANTINE, 3)),
                        Objects.requireNonNull(load("x", RAW, 1, 1L).chunk())));
        raw.forEach(this::apply);
        quarantine.forEach(this::apply);
        for (String name : List.of(RAW, QUARANTINE)) {
            rewrite(name);
            expireAllButTheCurrent(name);
        }

        for (FilesWritten event : raw) {
            assertThat(apply(event)).isEqualTo(new Progress(1, null));
        }
        for (FilesWritten event : quarantine) {
            assertThat(apply(event)).isEqualTo(new Progress(1, null));
        }

        assertThat(lake.ids(RAW)).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(lake.ids(QUARANTINE)).containsExactly(1L, 2L, 3L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void commitsNoResultTwiceThoughItsSnapshotHasExpired() throws Exception {
        lake.create(CURATED);
        FilesWritten first = curated("e1", CURATED, null, Map.of(RAW, List.of(7L)), lake.file(CURATED, 1));
        apply(first);
        FilesWritten second =
                curated("e2", CURATED, current(CURATED), Map.of(RAW, List.of(7L, 8L)), lake.file(CURATED, 2));
        apply(second);
        rewrite(CURATED);
        expireAllButTheCurrent(CURATED);

        assertThat(apply(second)).isEqualTo(new Progress(1, null));
        assertThat(published.refused()).isEmpty();
        apply(first);

        assertThat(lake.ids(CURATED)).containsExactly(2L);
        assertThat(published.refused()).extracting(FilesRefused::code).containsExactly("BASE_MOVED");
    }

    @Test
    void takesAResultThatWasPlannedBeforeARewriteOfItsBase() throws Exception {
        lake.create(CURATED);
        apply(curated("e1", CURATED, null, Map.of(RAW, List.of(7L)), lake.file(CURATED, 1)));
        long planned = current(CURATED);
        rewrite(CURATED);
        rewrite(CURATED);

        apply(curated("e2", CURATED, planned, Map.of(RAW, List.of(7L, 8L)), lake.file(CURATED, 2)));

        assertThat(published.refused()).isEmpty();
        assertThat(lake.ids(CURATED)).containsExactly(2L);
    }

    @Test
    void announcesWhatIsNewWhereTheLastAnnouncedSnapshotHasExpired() {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        apply(changes("e2", RAW, 10, 20, lake.file(RAW, 2)));
        Snapshot announced = lake.table(RAW).currentSnapshot();
        Map<String, Announced> known = Map.of(
                RAW,
                new Announced(announced.snapshotId(), java.time.Instant.ofEpochMilli(announced.timestampMillis())));
        apply(changes("e3", RAW, 20, 30, lake.file(RAW, 3)));
        apply(changes("e4", RAW, 30, 40, lake.file(RAW, 4)));
        long newest = current(RAW);
        lake.table(RAW)
                .expireSnapshots()
                .expireOlderThan(0)
                .expireSnapshotId(announced.snapshotId())
                .cleanExpiredFiles(false)
                .commit();
        SnapshotSweep sweep = new SnapshotSweep(lake.catalog(), published, (_, _) -> {}, metrics, known);

        sweep.sweep(RAW);
        sweep.sweep(RAW);

        assertThat(published.committed())
                .extracting(TableCommitted::snapshotId)
                .hasSize(2)
                .doesNotContain(announced.snapshotId())
                .endsWith(newest);
    }

    @Test
    void aRewriteIsCompleteToWhatItsContentWas() {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        long content = current(RAW);
        Completeness completeness = new Completeness(lake.catalog(), new PublishedPositions());
        rewrite(RAW);

        assertThat(completeness.of(RAW, content)).isEqualTo(completeness.now(RAW, lake.table(RAW)));
        assertThat(TableState.of(((org.apache.iceberg.BaseTable) lake.table(RAW))
                                .operations()
                                .current())
                        .contentId())
                .isEqualTo(content);
    }
}
