package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.arrived;
import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.identity;
import static io.levada.catalog.commit.TestLake.load;
import static io.levada.catalog.commit.TestLake.range;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.OffsetRange;
import io.levada.events.SnapshotInputs;
import io.levada.events.SnapshotInputs.FileNumbers;
import io.levada.events.SnapshotInputs.LoadedChunks;
import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.Snapshot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the committer writes into a snapshot's summary about where the snapshot comes from.
class SnapshotInputsTest {
    private static final String RAW = "raw.s_t";
    private static final String CURATED = "curated.c";
    private static final String QUARANTINE = "raw.quarantine";

    @TempDir
    private Path directory;

    private TestLake lake;

    @BeforeEach
    void openLake() {
        lake = new TestLake(directory);
    }

    @AfterEach
    void closeLake() {
        lake.close();
    }

    private SnapshotInputs commit(FilesWritten... events) {
        Committer committer = new Committer(
                lake.catalog(),
                new RecordedEvents(),
                (_, _) -> {},
                new CatalogMetrics(new SimpleMeterRegistry()),
                _ -> {},
                new Completeness(lake.catalog(), new PublishedPositions()));
        assertThat(committer.apply(events[0].table(), List.of(events))).isEqualTo(new Progress(events.length, null));
        return SnapshotInputs.in(summary(events[0].table()));
    }

    private Map<String, String> summary(String table) {
        return lake.table(table).currentSnapshot().summary();
    }

    @Test
    void namesTheRangeThatABatchOfChangesCovers() {
        lake.create(RAW);

        SnapshotInputs inputs = commit(
                changes("e1", RAW, 0, 10, lake.file(RAW, 1)),
                changes("e2", RAW, 10, 12),
                changes("e3", RAW, 12, 20, lake.file(RAW, 3)));

        assertThat(inputs)
                .isEqualTo(new SnapshotInputs(List.of(), List.of(range(0, 20)), List.of(), List.of(), List.of(), 0));
        assertThat(summary(RAW)).containsEntry("levada.range.cluster-1.topic-1.0", "0 20 levada.changes.s.t");
    }

    @Test
    void namesTheChunkOfALoad() {
        lake.create(RAW);

        SnapshotInputs inputs = commit(load("e1", RAW, 3, null, lake.file(RAW, 1)));

        assertThat(inputs.chunks()).containsExactly(new LoadedChunks(RAW, 3, 0, 0, 1, "pos-3"));
    }

    @Test
    void namesTheFilesThatWereTakenIn() {
        lake.create(RAW);

        SnapshotInputs inputs =
                commit(arrived("e1", RAW, 1, lake.file(RAW, 1)), arrived("e2", RAW, 2, lake.file(RAW, 2)));

        assertThat(inputs.fileNumbers()).containsExactly(new FileNumbers("s", RAW, 1, 2));
        assertThat(inputs.files()).containsExactly(identity(RAW, 1), identity(RAW, 2));
    }

    @Test
    void namesTheInputSnapshotsOfADerivedTable() {
        lake.create(CURATED);
        SnapshotInputs first =
                commit(curated("e1", CURATED, null, Map.of("raw.a", List.of(7L)), lake.file(CURATED, 1)));
        Snapshot base = lake.table(CURATED).currentSnapshot();

        SnapshotInputs second = commit(
                curated("e2", CURATED, base.snapshotId(), Map.of("raw.a", List.of(7L, 8L)), lake.file(CURATED, 2)));

        assertThat(first.tables()).containsExactly(new TableInput("raw.a", null, 7));
        assertThat(second.tables()).containsExactly(new TableInput("raw.a", 7L, 8));
        assertThat(base.summary()).containsEntry("levada.computed-from.raw.a", "- 7");
    }

    /// A summary is part of the table's metadata file, which every commit writes anew.
    @Test
    void staysSmallForAFullBatchOfLongPaths() {
        lake.create(RAW);
        FilesWritten[] events = IntStream.rangeClosed(1, Batch.MAX_EVENTS)
                .mapToObj(number -> FilesWritten.file(
                        "e" + number,
                        RAW,
                        0,
                        List.of(lake.file(RAW, number)),
                        new FileIdentity(
                                "s", RAW, number, "d".repeat(200) + "/a file " + number + ".csv", "0".repeat(64))))
                .toArray(FilesWritten[]::new);

        SnapshotInputs inputs = commit(events);

        int characters = summary(RAW).entrySet().stream()
                .filter(entry -> !entry.getKey().equals(TableProperties.SUMMARY_EVENTS))
                .mapToInt(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        assertThat(characters).isLessThan(SnapshotInputs.MAX_CHARACTERS + 1_000);
        assertThat(inputs.fileNumbers()).containsExactly(new FileNumbers("s", RAW, 1, 100));
        assertThat(inputs.files()).hasSizeGreaterThan(5);
        assertThat(inputs.files().getFirst().path()).endsWith("/a file 1.csv");
        assertThat(inputs.files().size() + inputs.unnamed()).isEqualTo(100);
    }

    @Test
    void namesWhatRowsWerePutAsideOf() {
        lake.create(QUARANTINE);
        OffsetRange other = new OffsetRange("cluster-1", "topic-2", "levada.changes.s.u", 0, 5, 6);
        LoadChunk chunk = new LoadChunk("raw.s_v", 2, 4, 9, "000-1", null);

        SnapshotInputs inputs = commit(
                quarantined("e1", List.of(range(0, 10)), null),
                quarantined("e2", List.of(other), null),
                quarantined("e3", List.of(range(30, 40)), null),
                quarantined("e4", List.of(), identity("raw.s_w", 3)),
                FilesWritten.quarantine("e5", QUARANTINE, 0, List.of(lake.file(QUARANTINE, 1)), chunk));

        assertThat(inputs)
                .isEqualTo(new SnapshotInputs(
                        List.of(),
                        List.of(range(0, 40), other),
                        List.of(new LoadedChunks("raw.s_v", 2, 4, 4, 9, "000-1")),
                        List.of(new FileNumbers("s", "raw.s_w", 3, 3)),
                        List.of(identity("raw.s_w", 3)),
                        0));
    }

    private FilesWritten quarantined(String id, List<OffsetRange> ranges, @Nullable FileIdentity file) {
        return FilesWritten.quarantine(id, QUARANTINE, 0, List.of(lake.file(QUARANTINE, 1)), ranges, file);
    }
}
