package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogError;
import io.levada.catalog.UnsettledEvent;
import io.levada.catalog.UnsettledEvents;
import io.levada.events.ColumnMetrics;
import io.levada.events.FilesWritten;
import io.levada.events.OffsetRange;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanFilesTest {
    private static final String RAW = "raw.s_t";
    private static final Duration LIMIT = Duration.ofDays(3);

    private MaintainedLake lake;
    private UnsettledEvents events = _ -> {};
    private OrphanFiles.Pause pause = () -> true;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
        for (int i = 0; i < 6; i++) {
            lake.append(RAW, i);
        }
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private OrphanFiles orphans() {
        return new OrphanFiles(
                lake.catalog(),
                each -> events.read(each),
                new LakeLayout(lake.root().toString()),
                new LocalFileIO(),
                MaintainedLake.NO_STEPS,
                Clock.systemUTC(),
                () -> pause.pass());
    }

    private OrphanFiles.Outcome delete() {
        return orphans().delete(LIMIT);
    }

    /// A file in the table's folder that is in no table.
    private Path stray(String name, String path) {
        return write(Path.of(lake.table(name).location()).resolve(path), Duration.ofDays(4));
    }

    private static Path write(Path file, Duration age) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "stray");
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As if all that is there were written long ago.
    private void age() throws IOException {
        try (Stream<Path> paths = Files.walk(lake.root())) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofDays(10))));
            }
        }
    }

    @Test
    void deletesWhatNothingNamesOnceItIsOld() throws Exception {
        age();
        Path data = stray(RAW, "ingestion_date=2026-01-01/run_id=1/part-0000.parquet");
        Path manifest = stray(RAW, "metadata/1-m0.avro");
        Path young = write(Path.of(lake.table(RAW).location(), "data/run_id=2/part-0000.parquet"), Duration.ofDays(2));

        OrphanFiles.Outcome outcome = delete();

        assertThat(outcome.tables()).containsOnlyKeys(RAW);
        assertThat(data).doesNotExist();
        assertThat(data.getParent()).doesNotExist();
        assertThat(manifest).doesNotExist();
        assertThat(young).exists();
        assertThat(lake.ids(RAW)).hasSize(6);
    }

    @Test
    void keepsWhatEverySnapshotNeedsAndDeletesItOnceThatHasExpired() throws Exception {
        List<String> small = lake.files(RAW);
        lake.compact(RAW);
        long current = lake.table(RAW).currentSnapshot().snapshotId();
        long before = lake.table(RAW).currentSnapshot().parentId();
        age();

        delete();

        assertThat(small).allSatisfy(file -> assertThat(Path.of(file)).exists());
        assertThat(MaintainedLake.rowsAt(lake.table(RAW), before)).hasSize(6);

        lake.table(RAW)
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .cleanExpiredFiles(false)
                .commit();
        age();
        OrphanFiles.Outcome outcome = delete();

        assertThat(small).allSatisfy(file -> assertThat(Path.of(file)).doesNotExist());
        assertThat(outcome.tables())
                .hasEntrySatisfying(RAW, deleted -> assertThat(deleted.files()).isGreaterThan(6));
        assertThat(lake.table(RAW).currentSnapshot().snapshotId()).isEqualTo(current);
        assertThat(lake.ids(RAW)).hasSize(6);
    }

    @Test
    void keepsFilesOfEventsThatAreNotSettled() {
        Path offered = stray(RAW, "ingestion_date=2026-01-01/run_id=1/part-0000.parquet");
        events = each -> each.accept(new UnsettledEvent(RAW, offering(offered)));

        assertThat(delete()).isEqualTo(OrphanFiles.Outcome.NOTHING);
        assertThat(offered).exists();
    }

    private static FilesWritten offering(Path file) {
        ColumnMetrics metrics = new ColumnMetrics(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
        return FilesWritten.changes(
                "e",
                RAW,
                0,
                List.of(new WrittenFile(file.toString(), 5, 1, "", metrics, List.of())),
                List.of(new OffsetRange("c", "t", "topic", 0, 0, 1)));
    }

    @Test
    void deletesNothingWhereAnEventCanNotBeRead() {
        Path stray = stray(RAW, "data/run_id=1/part-0000.parquet");
        events = each -> each.accept(new UnsettledEvent(RAW, null));
        refuses();
        events = _ -> {
            throw new IllegalStateException("Kafka is away");
        };
        refuses();
        assertThat(stray).exists();
    }

    private void refuses() {
        assertThatThrownBy(this::delete)
                .isInstanceOfSatisfying(
                        MaintenanceException.class,
                        e -> assertThat(e.error()).isEqualTo(CatalogError.ORPHANS_UNCERTAIN));
    }

    @Test
    void deletesNothingWhereATablesMetadataCanNotBeRead() throws Exception {
        Path stray = stray(RAW, "data/run_id=1/part-0000.parquet");
        lake.createRaw("raw.s_broken");
        lake.append("raw.s_broken", 1);
        String list = lake.table("raw.s_broken").currentSnapshot().manifestListLocation();
        Files.writeString(Path.of(list), "corrupt");

        refuses();
        assertThat(stray).exists();
    }

    @Test
    void deletesNothingWhereAFolderCanNotBeListed() {
        Path stray = stray(RAW, "data/run_id=1/part-0000.parquet");
        OrphanFiles blind = new OrphanFiles(
                lake.catalog(),
                events,
                new LakeLayout(lake.root().toString()),
                new UnlistableFiles(),
                MaintainedLake.NO_STEPS,
                Clock.systemUTC(),
                pause);

        assertThatThrownBy(() -> blind.delete(LIMIT)).isInstanceOf(MaintenanceException.class);
        assertThat(stray).exists();
    }

    @Test
    void keepsWhatAProducerOffersWhileItWaits() {
        Path late = stray(RAW, "ingestion_date=2026-01-01/run_id=1/part-0000.parquet");
        pause = () -> {
            events = each -> each.accept(new UnsettledEvent(RAW, offering(late)));
            return true;
        };

        assertThat(delete()).isEqualTo(OrphanFiles.Outcome.NOTHING);
        assertThat(late).exists();
    }

    @Test
    void keepsFilesOfARunWhoseManifestIsYoung() {
        Path file = stray(RAW, "ingestion_date=2026-01-01/run_id=r1/part-0000.parquet");
        Path manifest = write(
                lake.root().resolve("raw/_manifests/ingestion_date=2026-01-01/run_id=r1/manifest.json"),
                Duration.ofDays(1));

        assertThat(delete()).isEqualTo(OrphanFiles.Outcome.NOTHING);
        assertThat(file).exists();
        assertThat(manifest).exists();
    }

    @Test
    void deletesManifestsOfRunsWithoutFiles() throws Exception {
        String run = lake.files(RAW).getFirst().replaceAll(".*run_id=([^/]+)/.*", "$1");
        Path used = write(
                lake.root().resolve("raw/_manifests/ingestion_date=2026-01-01/run_id=" + run + "/manifest.json"),
                Duration.ofDays(4));
        Path unused = write(
                lake.root().resolve("raw/_manifests/ingestion_date=2026-01-01/run_id=gone/manifest.json"),
                Duration.ofDays(4));

        OrphanFiles.Outcome outcome = delete();

        assertThat(outcome.manifests().files()).isEqualTo(1);
        assertThat(used).exists();
        assertThat(unused).doesNotExist();
    }

    @Test
    void keepsOtherTablesThatLieInATablesFolder() throws Exception {
        BaseTable inner = (BaseTable) lake.catalog()
                .buildTable(LakeCatalog.identifier("raw.inner"), MaintainedLake.IDS)
                .withPartitionSpec(PartitionSpec.unpartitioned())
                .withLocation(lake.table(RAW).location() + "/inner")
                .create();
        MaintainedLake.commit(inner, MaintainedLake.file(inner, "", row -> row.setField("id", 1L)));
        age();

        delete();

        assertThat(lake.ids("raw.inner")).containsExactly(1L);
    }

    @Test
    void deletesTheFolderOfADroppedTableOnceItsMarkerIsOld() throws Exception {
        lake.createRaw("raw.s_gone");
        lake.append("raw.s_gone", 1);
        Path place = Path.of(lake.table("raw.s_gone").location());
        lake.catalog().dropTable(LakeCatalog.identifier("raw.s_gone"), false);
        age();
        write(place.resolve("metadata/purge-1.json"), Duration.ofDays(2));
        assertThat(delete()).isEqualTo(OrphanFiles.Outcome.NOTHING);

        write(place.resolve("metadata/purge-1.json"), Duration.ofDays(4));
        OrphanFiles.Outcome outcome = delete();

        assertThat(outcome.purged().files()).isGreaterThan(3);
        try (Stream<Path> left = Files.walk(place)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
        assertThat(lake.ids(RAW)).hasSize(6);
    }

    @Test
    void keepsATableThatWasMadeAnewWhereAnotherWasDropped() throws Exception {
        write(Path.of(lake.table(RAW).location(), "metadata/purge-1.json"), Duration.ofDays(4));
        age();

        delete();

        assertThat(lake.ids(RAW)).hasSize(6);
    }

    @Test
    void goesOnAfterAStopInTheMiddle() {
        List<Path> strays = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            strays.add(stray(RAW, "data/run_id=" + i + "/part-0000.parquet"));
        }
        int[] left = {2};
        OrphanFiles stopped = new OrphanFiles(
                lake.catalog(),
                events,
                new LakeLayout(lake.root().toString()),
                new LocalFileIO(),
                (_, _) -> {
                    if (left[0]-- == 0) {
                        throw new RuntimeIOException("No space left on device");
                    }
                },
                Clock.systemUTC(),
                pause);
        assertThatThrownBy(() -> stopped.delete(LIMIT)).isInstanceOf(MaintenanceException.class);
        assertThat(strays.stream().filter(Files::exists)).hasSize(3);

        delete();

        assertThat(strays.stream().filter(Files::exists)).isEmpty();
    }
}
