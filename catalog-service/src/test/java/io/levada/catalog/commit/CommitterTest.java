package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.arrived;
import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.load;
import static io.levada.catalog.commit.TestLake.range;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.TableCommitted;
import io.levada.events.TableProperties;
import io.levada.events.WrittenFile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitterTest {
    private static final String RAW = "raw.s_t";
    private static final String CURATED = "curated.c";
    private static final CommitSteps NO_STEPS = (_, _) -> {};

    @TempDir
    private Path directory;

    private TestLake lake;
    private final RecordedEvents published = new RecordedEvents();
    private final CatalogMetrics metrics = new CatalogMetrics(new SimpleMeterRegistry());
    private final PublishedPositions positions = new PublishedPositions();

    @BeforeEach
    void openLake() {
        lake = new TestLake(directory);
    }

    @AfterEach
    void closeLake() {
        lake.close();
    }

    private Committer committer(CommitSteps steps) {
        return new Committer(
                lake.catalog(), published, steps, metrics, _ -> {}, new Completeness(lake.catalog(), positions));
    }

    private Progress apply(FilesWritten... events) {
        return committer(NO_STEPS).apply(events[0].table(), List.of(events));
    }

    @Test
    void commitsRowsAndNextOffsetTogether() throws Exception {
        lake.create(RAW);

        Progress progress = apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1, 2)));

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L);
        assertThat(lake.property(RAW, TableProperties.offsets(range(0, 1)))).isEqualTo("10");
        Snapshot snapshot = lake.table(RAW).currentSnapshot();
        assertThat(snapshot.summary())
                .containsEntry(TableProperties.SUMMARY_EVENTS, "e1")
                .containsEntry(TableProperties.SUMMARY_CAUSE, "CHANGES")
                .containsEntry("total-records", "2");
    }

    @Test
    void commitsConsecutiveEventsOfATableAtOnce() throws Exception {
        lake.create(RAW);

        Progress progress = apply(
                changes("e1", RAW, 0, 10, lake.file(RAW, 1)),
                changes("e2", RAW, 10, 12, lake.file(RAW, 2)),
                changes("e3", RAW, 12, 20));

        assertThat(progress).isEqualTo(new Progress(3, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
        assertThat(lake.property(RAW, TableProperties.offsets(range(0, 1)))).isEqualTo("20");
    }

    @Test
    void movesTheOffsetWithoutASnapshotWhereARangeHasNoRows() {
        lake.create(RAW);

        apply(changes("e1", RAW, 0, 3));

        assertThat(lake.table(RAW).currentSnapshot()).isNull();
        assertThat(lake.property(RAW, TableProperties.offsets(range(0, 1)))).isEqualTo("3");
    }

    @Test
    void settlesARepeatWithoutACommit() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1));
        apply(event);

        Progress progress = apply(event, event);

        assertThat(progress).isEqualTo(new Progress(2, null));
        assertThat(lake.ids(RAW)).containsExactly(1L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void stopsAtAGapAndCommitsWhatIsBeforeIt() throws Exception {
        lake.create(RAW);

        Progress progress =
                apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)), changes("e2", RAW, 11, 12, lake.file(RAW, 2)));

        assertThat(progress.settled()).isEqualTo(1);
        assertThat(progress.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.GAP);
        assertThat(lake.ids(RAW)).containsExactly(1L);
    }

    /// The first committer has passed its check and waits; the second commits the same range, as after a
    /// failover. When the first goes on, Iceberg re-bases its append by itself: only the check inside the commit
    /// can refuse it. Guards the condition in [FencedOperations#commit].
    @Test
    void refusesARangeThatAnotherCommitterTookWhileThisOneWaited() throws Exception {
        lake.create(RAW);
        WrittenFile file = lake.file(RAW, 1, 2, 3);
        FilesWritten event = changes("e1", RAW, 0, 10, file);
        FilesWritten next = changes("e2", RAW, 10, 20, lake.file(RAW, 4));
        AtomicBoolean overtaken = new AtomicBoolean();
        Committer zombie = committer((step, table) -> {
            if (step == CommitStep.BEFORE_COMMIT && overtaken.compareAndSet(false, true)) {
                assertThat(committer(NO_STEPS).apply(table, List.of(event, next)))
                        .isEqualTo(new Progress(2, null));
            }
        });

        Progress progress = zombie.apply(RAW, List.of(event));

        assertThat(overtaken).isTrue();
        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(lake.property(RAW, TableProperties.offsets(range(0, 1)))).isEqualTo("20");
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void goesOnAfterASchemaChangeThatCameInBetween() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1));
        Committer committer = committer((step, table) -> {
            if (step == CommitStep.BEFORE_COMMIT
                    && lake.table(table).schema().columns().size() == 2) {
                lake.table(table)
                        .updateSchema()
                        .addColumn("more", org.apache.iceberg.types.Types.StringType.get())
                        .commit();
            }
        });

        Progress progress = committer.apply(RAW, List.of(event));

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(RAW)).containsExactly(1L);
        assertThat(lake.table(RAW).schema().findField("more")).isNotNull();
    }

    /// The commit reached the table and its answer was lost.
    @Test
    void readsTheTableAgainWhenTheOutcomeIsUnknown() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1));
        AtomicBoolean lost = new AtomicBoolean();
        Committer committer = committer((step, _) -> {
            if (step == CommitStep.AFTER_COMMIT && lost.compareAndSet(false, true)) {
                throw new CommitStateUnknownException(new IllegalStateException("connection lost"));
            }
        });

        Progress progress = committer.apply(RAW, List.of(event));

        assertThat(lost).isTrue();
        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(RAW)).containsExactly(1L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void deletesNoFileOfACommitThatFails() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1));
        List<Path> before = new ArrayList<>();
        Committer failing = committer((step, _) -> {
            if (step == CommitStep.BEFORE_COMMIT) {
                if (before.isEmpty()) {
                    before.addAll(filesOf(RAW));
                }
                throw new IllegalStateException("storage away");
            }
        });

        Progress progress = failing.apply(RAW, List.of(event));

        assertThat(progress.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.STORAGE_UNAVAILABLE);
        assertThat(filesOf(RAW)).containsAll(before);
        assertThat(apply(event)).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(RAW)).containsExactly(1L);
    }

    private List<Path> filesOf(String table) {
        try (Stream<Path> files = Files.walk(Path.of(lake.table(table).location()))) {
            return files.filter(Files::isRegularFile).toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void replacesATableAtomicallyAndStoresItsInputs() throws Exception {
        lake.create(CURATED);
        apply(curated("e1", CURATED, null, Map.of("raw.a", List.of(7L)), lake.file(CURATED, 1, 2)));
        long base = lake.table(CURATED).currentSnapshot().snapshotId();

        Progress progress =
                apply(curated("e2", CURATED, base, Map.of("raw.a", List.of(7L, 8L)), lake.file(CURATED, 3)));

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(lake.ids(CURATED)).containsExactly(3L);
        assertThat(lake.property(CURATED, TableProperties.INPUT + "raw.a")).isEqualTo("8");
        assertThat(lake.table(CURATED).snapshots()).hasSize(2);
        assertThat(published.refused()).isEmpty();
    }

    @Test
    void publishesAnEmptyResultAsASnapshot() {
        lake.create(CURATED);

        apply(curated("e1", CURATED, null, Map.of("raw.a", List.of(7L))));

        assertThat(lake.table(CURATED).currentSnapshot()).isNotNull();
        assertThat(lake.property(CURATED, TableProperties.INPUT + "raw.a")).isEqualTo("7");
    }

    @Test
    void settlesRepeatsOfReplacementsHoweverOld() throws Exception {
        lake.create(CURATED);
        FilesWritten first = curated("e1", CURATED, null, Map.of("raw.a", List.of(7L)), lake.file(CURATED, 1));
        apply(first);
        long base = lake.table(CURATED).currentSnapshot().snapshotId();
        FilesWritten second = curated("e2", CURATED, base, Map.of("raw.a", List.of(7L, 8L)), lake.file(CURATED, 2));
        apply(second);

        Progress progress = apply(first, second);

        assertThat(progress).isEqualTo(new Progress(2, null));
        assertThat(published.refused()).isEmpty();
        assertThat(lake.ids(CURATED)).containsExactly(2L);
    }

    @Test
    void refusesAReplacementOfAnotherBaseOrOtherInputs() throws Exception {
        lake.create(CURATED);
        apply(curated("e1", CURATED, null, Map.of("raw.a", List.of(7L)), lake.file(CURATED, 1)));
        long base = lake.table(CURATED).currentSnapshot().snapshotId();

        Progress progress = apply(
                curated("e2", CURATED, null, Map.of("raw.a", List.of(7L, 8L)), lake.file(CURATED, 2)),
                curated("e3", CURATED, base, Map.of("raw.a", List.of(6L, 8L)), lake.file(CURATED, 3)));

        assertThat(progress).isEqualTo(new Progress(2, null));
        assertThat(published.refused())
                .extracting(FilesRefused::id, FilesRefused::code, FilesRefused::retryable)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("e2", "BASE_MOVED", true),
                        org.assertj.core.groups.Tuple.tuple("e3", "INPUTS_MOVED", true));
        assertThat(lake.ids(CURATED)).containsExactly(1L);
    }

    @Test
    void takesFilesInByNumber() throws Exception {
        lake.create(RAW);

        Progress progress = apply(
                arrived("e1", RAW, 1, lake.file(RAW, 1)),
                arrived("e2", RAW, 2, lake.file(RAW, 2)),
                arrived("e2", RAW, 2, lake.file(RAW, 2)),
                arrived("e4", RAW, 4, lake.file(RAW, 4)));

        assertThat(progress.settled()).isEqualTo(3);
        assertThat(progress.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.GAP);
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L);
    }

    @Test
    void takesEachLoadGenerationOnceAndNeverAnOlderOne() throws Exception {
        lake.create(RAW);

        Progress progress = apply(
                load("e1", RAW, 1, 100L, lake.file(RAW, 1)),
                load("e1", RAW, 1, 100L, lake.file(RAW, 1)),
                load("e3", RAW, 3, null, lake.file(RAW, 3)),
                load("e2", RAW, 2, 200L, lake.file(RAW, 2)));

        assertThat(progress).isEqualTo(new Progress(4, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 3L);
        assertThat(lake.table(RAW).properties())
                .containsEntry(TableProperties.LOAD_GENERATION, "3")
                .containsEntry(TableProperties.LOAD_POS, "pos-3")
                .doesNotContainKey(TableProperties.LOAD_COMPLETE_AT);
        assertThat(published.refused())
                .singleElement()
                .satisfies(refused -> assertThat(refused.code()).isEqualTo("LOAD_SUPERSEDED"))
                .satisfies(refused -> assertThat(refused.retryable()).isFalse());
    }

    @Test
    void countsALoadOnlyWithItsLastChunkAndTakesEachChunkOnceAndInOrder() throws Exception {
        lake.create(RAW);

        apply(chunk(0, 3, lake.file(RAW, 1)), chunk(1, 3, lake.file(RAW, 2)), chunk(0, 3, lake.file(RAW, 9)));
        assertThat(lake.table(RAW).properties())
                .doesNotContainKey(TableProperties.LOAD_GENERATION)
                .containsEntry(TableProperties.LOAD_OPEN, "1/2/3/pos-0");

        Progress progress =
                apply(chunk(1, 3, lake.file(RAW, 9)), chunk(2, 3, lake.file(RAW, 3)), chunk(2, 3, lake.file(RAW, 9)));

        assertThat(progress).isEqualTo(new Progress(3, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L, 3L);
        assertThat(lake.table(RAW).properties())
                .containsEntry(TableProperties.LOAD_GENERATION, "1")
                .containsEntry(TableProperties.LOAD_POS, "pos-0")
                .containsEntry(TableProperties.LOAD_LAST_POS, "pos-2")
                .doesNotContainKey(TableProperties.LOAD_OPEN);
    }

    @Test
    void parksAChunkWhosePredecessorIsMissing() throws Exception {
        lake.create(RAW);

        Progress progress = apply(chunk(0, 3, lake.file(RAW, 1)), chunk(2, 3, lake.file(RAW, 3)));

        assertThat(progress.settled()).isEqualTo(1);
        assertThat(progress.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.GAP);
    }

    @Test
    void aNewGenerationTakesThePlaceOfOneThatWasNotFinished() throws Exception {
        lake.create(RAW);

        Progress progress = apply(
                chunk(0, 3, lake.file(RAW, 1)),
                load("e2", RAW, 2, null, lake.file(RAW, 2)),
                chunk(1, 3, lake.file(RAW, 3)));

        assertThat(progress).isEqualTo(new Progress(3, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L);
        assertThat(lake.table(RAW).properties())
                .containsEntry(TableProperties.LOAD_GENERATION, "2")
                .doesNotContainKey(TableProperties.LOAD_OPEN);
    }

    private static FilesWritten chunk(int chunk, int chunks, WrittenFile file) {
        return FilesWritten.chunk(
                "chunk-" + chunk + "-" + file.path(),
                RAW,
                0,
                List.of(file),
                new LoadChunk(RAW, 1, chunk, chunks, "pos-" + chunk, null));
    }

    @Test
    void quarantineOnlyEverGoesForward() throws Exception {
        String quarantine = "raw.quarantine";
        lake.create(quarantine);
        FilesWritten later = FilesWritten.quarantine(
                "q1", quarantine, 0, List.of(lake.file(quarantine, 1)), List.of(range(40, 50)), null);
        FilesWritten earlier = FilesWritten.quarantine(
                "q0", quarantine, 0, List.of(lake.file(quarantine, 2)), List.of(range(10, 20)), null);
        FilesWritten file = FilesWritten.quarantine(
                "q2", quarantine, 0, List.of(lake.file(quarantine, 3)), List.of(), TestLake.identity("raw.s_files", 9));

        Progress progress = apply(later, later, earlier, file, file);

        assertThat(progress).isEqualTo(new Progress(5, null));
        assertThat(lake.ids(quarantine)).containsExactly(1L, 3L);
    }

    @Test
    void takesTheBadRowsOfEachLoadOnce() throws Exception {
        String quarantine = "raw.quarantine";
        lake.create(quarantine);
        FilesWritten first = FilesWritten.quarantine(
                "q1", quarantine, 0, List.of(lake.file(quarantine, 1)), new LoadChunk(RAW, 1, 0, 1, "pos-1", null));
        FilesWritten other = FilesWritten.quarantine(
                "q2",
                quarantine,
                0,
                List.of(lake.file(quarantine, 2)),
                new LoadChunk("raw.s_other", 1, 0, 1, "pos-1", null));
        FilesWritten again = FilesWritten.quarantine(
                "q3", quarantine, 0, List.of(lake.file(quarantine, 3)), new LoadChunk(RAW, 2, 0, 1, "pos-2", 7L));

        Progress progress = apply(first, first, other, again, first);

        assertThat(progress).isEqualTo(new Progress(5, null));
        assertThat(lake.ids(quarantine)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void parksWhereTheTableHoldsOffsetsOfAnotherCluster() {
        lake.create(RAW);
        lake.table(RAW)
                .updateProperties()
                .set("levada.offsets.other-cluster.topic.0", "5")
                .commit();

        Progress progress = apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));

        assertThat(progress.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.FOREIGN_OFFSETS);
    }

    @Test
    void parksWhereTableSchemaOrFileIsUnknown() throws Exception {
        lake.create(RAW);
        WrittenFile gone = lake.file(RAW, 1);
        Files.delete(Path.of(gone.path()));
        WrittenFile there = lake.file(RAW, 1);
        FilesWritten unknownSchema = FilesWritten.changes("e1", RAW, 5, List.of(there), List.of(range(0, 10)));

        assertThat(apply(changes("e0", "raw.none", 0, 1)).obstacle())
                .extracting(Progress.Obstacle::code)
                .isEqualTo(CatalogError.TABLE_MISSING);
        assertThat(apply(changes("e1", RAW, 0, 10, gone)).obstacle())
                .extracting(Progress.Obstacle::code)
                .isEqualTo(CatalogError.FILE_MISSING);
        assertThat(apply(unknownSchema).obstacle())
                .extracting(Progress.Obstacle::code)
                .isEqualTo(CatalogError.UNKNOWN_SCHEMA);
        assertThat(lake.ids(RAW)).isEmpty();
    }

    @Test
    void commitsWhatIsBeforeAnEventWithoutItsFile() throws Exception {
        lake.create(RAW);
        WrittenFile gone = lake.file(RAW, 2);
        Files.delete(Path.of(gone.path()));

        Progress progress = apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)), changes("e2", RAW, 10, 12, gone));

        assertThat(progress.settled()).isEqualTo(1);
        assertThat(lake.ids(RAW)).containsExactly(1L);
    }

    @Test
    void refusesADerivedResultWithoutItsFileForItToBeMadeAnew() throws Exception {
        lake.create(CURATED);
        WrittenFile gone = lake.file(CURATED, 2);
        Files.delete(Path.of(gone.path()));

        Progress progress = apply(curated("e1", CURATED, null, Map.of("raw.a", List.of(7L)), gone));

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(published.refused())
                .extracting(FilesRefused::code)
                .containsExactly(CatalogError.FILE_MISSING.name());
    }

    @Test
    void announcesEverySnapshotOnceInTheirOrder() throws Exception {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        apply(changes("e2", RAW, 10, 20, lake.file(RAW, 2, 3)));
        SnapshotSweep sweep = new SnapshotSweep(lake.catalog(), published, NO_STEPS, metrics, Map.of());

        sweep.sweep(RAW);
        sweep.sweep(RAW);
        apply(changes("e3", RAW, 20, 30, lake.file(RAW, 4)));
        sweep.sweep(RAW);

        List<Long> snapshots = new ArrayList<>();
        lake.table(RAW).snapshots().forEach(snapshot -> snapshots.add(snapshot.snapshotId()));
        assertThat(published.committed()).extracting(TableCommitted::snapshotId).containsExactlyElementsOf(snapshots);
        TableCommitted second = published.committed().get(1);
        assertThat(second.parentId()).isEqualTo(snapshots.getFirst());
        assertThat(second.rowsAdded()).isEqualTo(2);
        assertThat(second.files()).isEqualTo(1);
        assertThat(second.partitions()).containsExactly("part=a");
    }

    @Test
    void announcesAfterAStopBetweenCommitAndAnnouncement() throws Exception {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        Announced announced = Announced.of(lake.table(RAW).currentSnapshot());
        apply(changes("e2", RAW, 10, 20, lake.file(RAW, 2)));

        new SnapshotSweep(lake.catalog(), published, NO_STEPS, metrics, Map.of(RAW, announced)).sweep(RAW);

        assertThat(published.committed())
                .singleElement()
                .satisfies(event -> assertThat(event.snapshotId())
                        .isEqualTo(lake.table(RAW).currentSnapshot().snapshotId()));
    }
}
