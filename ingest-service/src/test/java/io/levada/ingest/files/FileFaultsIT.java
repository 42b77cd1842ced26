package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FileSource;
import io.levada.definition.OnSchemaChange;
import io.levada.events.Cause;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import io.levada.lake.LakeLayout;
import io.levada.lake.TableSpec;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;

class FileFaultsIT extends FileSourcesFixture {
    @Test
    void offersAFileOnceWhereverLandingFails() throws Exception {
        AtomicInteger reached = new AtomicInteger();
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n2\n");
        LandingSteps failing = (step, table) -> {
            if (isBeforeLanding(step)) {
                return;
            }
            int call = reached.incrementAndGet();
            if (call <= 2 || step == LandingStep.AFTER_TRANSACTION && call <= 6) {
                throw new IllegalStateException("Stopped at " + step + " of " + table);
            }
        };

        FileSources sources = start(failing);
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(2));
        put("c.csv", "id\n3\n");
        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(3));

        assertThat(numbers(rows())).containsExactly(1L, 2L, 3L);
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "2", "3");
        assertThat(reached.get()).isGreaterThan(6);
        assertThat(sources.statuses()).hasSize(1);
    }

    /// Both go on living: what is taken once must not depend on the older one's end.
    @Test
    void leavesTheFolderToANewerProcess() throws Exception {
        put("a.csv", "id\n1\n");
        FileSources older = start();
        awaitLanded(older, 1);

        FileSources newer = start();
        awaitLanded(newer, 1);
        for (int id = 2; id <= 4; id++) {
            put(id + ".csv", "id\n" + id + "\n");
            awaitLanded(newer, id);
        }

        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.FENCED));
        assertThat(status(older).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("INGEST-FENCED"));
        assertThat(status(newer).state()).isEqualTo(FileSourceStatus.State.WATCHING);
        assertThat(numbers(rows())).containsExactly(1L, 2L, 3L, 4L);
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t ORDER BY _pos")).containsExactly("1", "2", "3", "4");
    }

    /// A newer process clears the spool, so the older one may fail before it comes to ask Kafka.
    @Test
    void leavesTheFolderToANewerProcessThoughItFailsOnTheWay() throws Exception {
        Unsteady unsteady = new Unsteady();
        unsteady.away = true;
        put("a.csv", "id\n1\n");
        FileSources older = start(LandingSteps.NONE, unsteady);
        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.RETRYING));

        FileSources newer = start();
        awaitLanded(newer, 1);

        Eventually.within(BOUND, () -> assertThat(status(older).state()).isEqualTo(FileSourceStatus.State.FENCED));
        assertThat(ParquetRows.query(rows(), "SELECT id FROM t")).containsExactly("1");
    }

    @Test
    void copiesAgainWhatWasTakenFromTheSpoolBeforeItIsAnnounced() throws Exception {
        Unsteady unsteady = new Unsteady();
        unsteady.away = true;
        put("a.csv", "id\n1\n");
        FileSources sources = start(LandingSteps.NONE, unsteady);
        Eventually.within(BOUND, () -> assertThat(status(sources).state()).isEqualTo(FileSourceStatus.State.RETRYING));

        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            assertThat(spooled).singleElement().satisfies(Files::delete);
        }
        unsteady.away = false;
        awaitLanded(sources, 1);

        assertThat(ParquetRows.query(rows(), "SELECT id FROM t")).containsExactly("1");
    }

    @Test
    void copiesAgainWhatTheSpoolLostAndPutsAsideWhatIsGone() throws Exception {
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n2\n");
        FileSources blocked = start((step, table) -> {
            if (!isBeforeLanding(step)) {
                throw new IllegalStateException("Stopped at " + step + " of " + table);
            }
        });
        Eventually.within(BOUND, () -> assertThat(status(blocked).arrived()).isEqualTo(2));
        blocked.close();
        assertThat(rows()).isEmpty();
        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            for (Path copy : spooled.toList()) {
                Files.delete(copy);
            }
        }
        Files.delete(folder.resolve("b.csv"));

        FileSources sources = start();
        awaitLanded(sources, 2);

        assertThat(ParquetRows.query(rows().subList(0, 1), "SELECT id FROM t")).containsExactly("1");
        assertThat(ParquetRows.query(
                        offered().stream()
                                .filter(event -> event.cause() == Cause.QUARANTINE)
                                .toList(),
                        "SELECT file, code FROM t"))
                .containsExactly("b.csv|FILES-LOST");
        assertThat(numbers(rows())).containsExactly(1L, 2L);
    }

    @Test
    void announcesACopyThatItMadeAheadOnlyWhereTheFileStaysAsItWas() throws Exception {
        for (String path : List.of("changes.csv", "stays.csv")) {
            put(path, "id\n1\n" + path + "\n");
            Files.setLastModifiedTime(
                    folder.resolve(path), FileTime.from(Instant.now().minusSeconds(60)));
        }
        FileSource source = source();
        WatchedPlace watched = WatchedPlace.of(source.place(), Duration.ofMillis(50));
        Path copies = directory.resolve("copies");
        FileTable table = new FileTable(
                name,
                table(),
                Map.of(),
                tables,
                new LakeLayout(directory.resolve("lake").toString()),
                new CsvFormat(csv, 1 << 20),
                OnSchemaChange.EVOLVE);
        FileIntake intake = new FileIntake(
                source,
                watched,
                table,
                new Spool(copies),
                new SourceProgress(source),
                LandingSteps.NONE,
                new CountDownLatch(1));
        ArrivedTopic.prepare(kafkaSettings(), "levada-test-ahead");
        try (FileLedger ledger = new FileLedger("test", name, kafkaSettings())) {
            intake.copyAhead(ledger, files(watched));
            List<Path> ahead = listed(copies);
            put("changes.csv", "id\n2\n");
            intake.take(ledger, files(watched));

            assertThat(ahead).hasSize(2);
            assertThat(listed(copies)).hasSize(2).doesNotContainAnyElementsOf(ahead);
            assertThat(listed(copies).stream().map(FileFaultsIT::text))
                    .containsExactlyInAnyOrder("id\n2\n", "id\n1\nstays.csv\n");
            assertThat(ledger.versions("changes.csv")).hasSize(1);
        }
    }

    /// The lake's tables, behind a catalog that does not always answer.
    private final class Unsteady implements Tables {
        private volatile boolean away;

        @Override
        public Optional<Table> load(String table) {
            return tables.load(table);
        }

        @Override
        public Table createOrEvolve(TableSpec spec) {
            if (away) {
                throw new IllegalStateException("The catalog is away");
            }
            return tables.createOrEvolve(spec);
        }
    }

    private static boolean isBeforeLanding(LandingStep step) {
        return step == LandingStep.FILE_SPOOLED || step == LandingStep.FILE_ANNOUNCED;
    }

    private static SortedMap<String, Spool.Signature> files(WatchedPlace place) throws IOException {
        return ((Listing.Found) place.list()).files();
    }

    private static List<Path> listed(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
