package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogError;
import io.levada.definition.MaintenanceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotExpiryTest {
    private static final String RAW = "raw.s_t";
    private static final SnapshotExpiry.Users NOBODY = new SnapshotExpiry.Users(Set.of(), () -> Optional.of(Set.of()));

    private MaintainedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private void appends(int count) {
        for (int i = 0; i < count; i++) {
            lake.append(RAW, i);
        }
    }

    private int expire(Duration later, SnapshotExpiry.Users users) {
        return expiry(later, Optional.of(lake.table(RAW).currentSnapshot().snapshotId()))
                .expire(RAW, MaintainedLake.SETTINGS, users);
    }

    private SnapshotExpiry expiry(Duration later, Optional<Long> announced) {
        return new SnapshotExpiry(lake.catalog(), _ -> announced, MaintainedLake.NO_STEPS, MaintainedLake.clock(later));
    }

    private List<Long> snapshots() {
        return StreamSupport.stream(lake.table(RAW).snapshots().spliterator(), false)
                .map(Snapshot::snapshotId)
                .toList();
    }

    @Test
    void keepsYoungSnapshots() {
        appends(15);

        assertThat(expire(Duration.ofDays(5).minusMinutes(1), NOBODY)).isZero();
        assertThat(snapshots()).hasSize(15);
    }

    @Test
    void keepsTheNewestWhateverTheirAgeAndTheyStillRead() throws Exception {
        appends(15);
        List<Long> before = snapshots();

        int expired = expire(Duration.ofDays(6), NOBODY);

        assertThat(expired).isEqualTo(5);
        assertThat(snapshots()).isEqualTo(before.subList(5, 15));
        assertThat(lake.ids(RAW)).hasSize(15);
        assertThat(idsAt(before.get(5))).hasSize(6);
    }

    private List<Long> idsAt(long snapshotId) throws Exception {
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(lake.table(RAW)).useSnapshot(snapshotId).build()) {
            List<Long> ids = new ArrayList<>();
            rows.forEach(row -> ids.add((Long) row.getField("id")));
            return ids;
        }
    }

    @Test
    void keepsWhatADerivedTableFollowsFromUpToTheCap() {
        appends(15);
        long input = snapshots().get(2);
        SnapshotExpiry.Users mirror = new SnapshotExpiry.Users(Set.of(input), () -> Optional.of(Set.of()));

        expire(Duration.ofDays(29), mirror);
        assertThat(snapshots()).hasSize(11).contains(input);

        expire(Duration.ofDays(31), mirror);
        assertThat(snapshots()).hasSize(10).doesNotContain(input);
    }

    @Test
    void keepsTheSnapshotsOfBranchesAndTags() {
        appends(15);
        List<Long> before = snapshots();
        lake.table(RAW)
                .manageSnapshots()
                .createTag("audit", before.get(0))
                .createBranch("work", before.get(1))
                .commit();

        expire(Duration.ofDays(6), NOBODY);

        assertThat(snapshots()).contains(before.get(0), before.get(1)).hasSize(12);
    }

    @Test
    void keepsWhatIsNotAnnouncedAndTheLastThatIs() {
        appends(15);
        List<Long> before = snapshots();

        expiry(Duration.ofDays(6), Optional.of(before.get(2))).expire(RAW, MaintainedLake.SETTINGS, NOBODY);

        assertThat(snapshots()).isEqualTo(before.subList(2, 15));
    }

    @Test
    void expiresNothingWhereItIsNotKnownWhatIsAnnounced() {
        appends(15);

        assertThatThrownBy(
                        () -> expiry(Duration.ofDays(6), Optional.empty()).expire(RAW, MaintainedLake.SETTINGS, NOBODY))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(CatalogError.NOT_ANNOUNCED));
        assertThat(snapshots()).hasSize(15);
    }

    @Test
    void deletesNoFileItself() throws Exception {
        appends(5);
        lake.compact(RAW);
        List<Path> before = files();

        MaintenanceSettings oneKept = new MaintenanceSettings(
                true,
                Duration.ofHours(1),
                MaintainedLake.SETTINGS.compaction(),
                new MaintenanceSettings.Snapshots(Duration.ofDays(5), 1, Duration.ofDays(30), 1_000),
                MaintainedLake.SETTINGS.orphans());
        expiry(Duration.ofDays(6), Optional.of(lake.table(RAW).currentSnapshot().snapshotId()))
                .expire(RAW, oneKept, NOBODY);

        assertThat(snapshots()).hasSize(1);
        assertThat(files())
                .containsAll(before.stream()
                        .filter(path -> !path.toString().endsWith(".metadata.json"))
                        .toList());
    }

    private List<Path> files() throws Exception {
        try (java.util.stream.Stream<Path> paths = java.nio.file.Files.walk(lake.root())) {
            return paths.filter(java.nio.file.Files::isRegularFile).toList();
        }
    }

    @Test
    void takesOutSchemasThatNoFileCanComeInAnyMore() {
        BaseTable table = lake.table(RAW);
        table.updateSchema().addColumn("a", Types.StringType.get()).commit();
        table.updateSchema().addColumn("b", Types.StringType.get()).commit();
        appends(12);

        // An event that is not settled names a schema that no snapshot has.
        expire(Duration.ofDays(6), new SnapshotExpiry.Users(Set.of(), () -> Optional.of(Set.of(1))));
        assertThat(lake.table(RAW).schemas()).containsOnlyKeys(0, 1, 2);

        appends(1);
        expire(Duration.ofDays(6), new SnapshotExpiry.Users(Set.of(), () -> Optional.empty()));
        assertThat(lake.table(RAW).schemas()).containsOnlyKeys(0, 1, 2);

        appends(1);
        expire(Duration.ofDays(6), NOBODY);
        assertThat(lake.table(RAW).schemas()).containsOnlyKeys(2);
    }

    @Test
    void keepsASchemaThatWasFollowedAShortWhileAgo() {
        appends(12);
        BaseTable table = lake.table(RAW);
        table.updateSchema().addColumn("a", Types.StringType.get()).commit();
        table.updateSchema().addColumn("b", Types.StringType.get()).commit();

        expire(Duration.ofDays(6), NOBODY);

        // Landing may have a file open that has the first of the two.
        assertThat(lake.table(RAW).schemas()).containsOnlyKeys(0, 1, 2);
    }
}
