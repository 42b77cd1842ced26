package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.MaintenanceSettings;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.MainLine;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which snapshots go where there are too many.
class SnapshotThinningTest {
    private static final String RAW = "raw.s_t";
    private static final Duration AGE = Duration.ofDays(5);

    /// Of all histories here, a while ago: a table's metadata can not be older than its snapshots.
    private final Instant start = Instant.now().minus(Duration.ofDays(7)).truncatedTo(ChronoUnit.HOURS);

    private final LongHistory history = new LongHistory();
    private MaintainedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
        lake.append(RAW, 1);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private static MaintenanceSettings settings(int maxToKeep) {
        return new MaintenanceSettings(
                true,
                Duration.ofHours(1),
                MaintainedLake.SETTINGS.compaction(),
                new MaintenanceSettings.Snapshots(AGE, 10, Duration.ofDays(30), maxToKeep),
                MaintainedLake.SETTINGS.orphans());
    }

    private int expire(Instant now, int maxToKeep, Set<Long> inputs) {
        return expire(now, maxToKeep, inputs, lake.table(RAW).currentSnapshot().snapshotId());
    }

    private int expire(Instant now, int maxToKeep, Set<Long> inputs, long announced) {
        return new SnapshotExpiry(
                        lake.catalog(),
                        _ -> Optional.of(announced),
                        MaintainedLake.NO_STEPS,
                        Clock.fixed(now, ZoneOffset.UTC))
                .expire(RAW, settings(maxToKeep), new SnapshotExpiry.Users(inputs, () -> Optional.of(Set.of())));
    }

    private List<Snapshot> snapshots() {
        return StreamSupport.stream(lake.table(RAW).snapshots().spliterator(), false)
                .sorted(Comparator.comparingLong(Snapshot::sequenceNumber))
                .toList();
    }

    private List<Long> ids() {
        return snapshots().stream().map(Snapshot::snapshotId).toList();
    }

    private static Duration longestGap(List<Snapshot> snapshots) {
        Duration longest = Duration.ZERO;
        for (int i = 1; i < snapshots.size(); i++) {
            Duration gap = Duration.ofMillis(
                    snapshots.get(i).timestampMillis() - snapshots.get(i - 1).timestampMillis());
            longest = gap.compareTo(longest) > 0 ? gap : longest;
        }
        return longest;
    }

    @Test
    void leavesAHistoryAloneThatIsShortEnough() {
        history.addEvery(Duration.ofHours(1), start, start.plus(AGE));
        history.write(lake.table(RAW), _ -> true);

        assertThat(expire(start.plus(AGE).minusSeconds(1), 120, Set.of())).isZero();
        assertThat(lake.table(RAW).properties()).doesNotContainKey(MainLine.THINNED_SINCE);
    }

    @Test
    void keepsTheNewerHalfWholeAndTheOlderHalfEvenlySpread() {
        Instant now = start.plus(AGE);
        history.addEvery(Duration.ofMinutes(5), start, now);
        history.write(lake.table(RAW), _ -> true);
        List<Long> before = ids();

        expire(now, 200, Set.of());

        List<Snapshot> kept = snapshots();
        assertThat(kept).hasSizeBetween(180, 200);
        assertThat(ids().subList(kept.size() - 100, kept.size()))
                .isEqualTo(before.subList(before.size() - 100, before.size()));
        assertThat(kept.getFirst().timestampMillis())
                .isLessThan(start.plus(Duration.ofHours(2)).toEpochMilli());
        // A slot is 5 days / 99 long.
        assertThat(longestGap(kept)).isLessThanOrEqualTo(Duration.ofMinutes(80));
        assertThat(lake.table(RAW).properties())
                .containsEntry(MainLine.THINNED_SINCE, Long.toString(start.toEpochMilli()));
    }

    @Test
    void staysEvenlySpreadThroughManyRuns() {
        Instant now = start.plus(AGE);
        history.addEvery(Duration.ofMinutes(5), start, now);
        history.write(lake.table(RAW), _ -> true);
        expire(now, 200, Set.of());

        for (int hour = 0; hour < 24; hour++) {
            Set<Long> there = new HashSet<>(ids());
            Instant next = now.plus(Duration.ofHours(1));
            long last = there.stream().mapToLong(id -> id).max().orElseThrow();
            history.addEvery(Duration.ofMinutes(5), now, next);
            history.write(lake.table(RAW), id -> id > last || there.contains(id));
            now = next;
            expire(now, 200, Set.of());
        }

        List<Snapshot> kept = snapshots();
        assertThat(kept).hasSizeBetween(180, 200);
        assertThat(longestGap(kept)).isLessThanOrEqualTo(Duration.ofMinutes(160));
        assertThat(kept.getFirst().timestampMillis())
                .isLessThan(now.minus(AGE).plus(Duration.ofHours(3)).toEpochMilli());
        assertThat(expire(now, 200, Set.of())).isZero();
    }

    @Test
    void keepsAllOfTheLastHourHoweverManyTheyAre() {
        Instant now = start.plus(AGE);
        history.addEvery(Duration.ofMinutes(10), start, now.minus(Duration.ofMinutes(59)));
        history.addEvery(Duration.ofSeconds(5), now.minus(Duration.ofMinutes(59)), now);
        history.write(lake.table(RAW), _ -> true);

        expire(now, 20, Set.of());

        assertThat(snapshots().stream()
                        .filter(snapshot -> snapshot.timestampMillis()
                                > now.minus(Duration.ofHours(1)).toEpochMilli()))
                .hasSize(59 * 12);
        assertThat(snapshots()).hasSizeBetween(59 * 12 + 9, 59 * 12 + 10);
    }

    @Test
    void keepsWhatIsTaggedOrFollowedFromOrNotAnnounced() {
        Instant now = start.plus(AGE);
        history.addEvery(Duration.ofMinutes(5), start, now);
        history.write(lake.table(RAW), _ -> true);
        List<Long> before = ids();
        lake.table(RAW).manageSnapshots().createTag("closing", before.get(301)).commit();

        expire(now, 20, Set.of(before.get(502)), before.get(1003));

        assertThat(ids()).contains(before.get(301), before.get(502));
        assertThat(ids()).containsAll(before.subList(1003, before.size()));
        assertThat(ids()).hasSizeLessThan(before.size() - 1003 + 20);
    }

    @Test
    void keepsWhatGaveTheTableItsRowsAndNotTheRewriteOfIt() {
        Instant now = start.plus(AGE);
        for (Instant at = start; at.isBefore(now); at = at.plus(Duration.ofMinutes(30))) {
            long content = history.add(at);
            history.add(
                    at.plus(Duration.ofMinutes(1)), Map.of(TableProperties.SUMMARY_REWRITE_OF, Long.toString(content)));
        }
        history.write(lake.table(RAW), _ -> true);

        expire(now, 40, Set.of());

        List<Snapshot> older = snapshots().subList(0, snapshots().size() - 20);
        assertThat(older)
                .hasSizeGreaterThan(15)
                .allSatisfy(snapshot -> assertThat(ContentSnapshot.id(snapshot)).isEqualTo(snapshot.snapshotId()));
    }

    @Test
    void doesNotTakeWhatWasSetBackForAStateOfTheTable() {
        Instant now = start.plus(AGE);
        long last = 0;
        Set<Long> undone = new HashSet<>();
        for (Instant at = start; at.isBefore(now); at = at.plus(Duration.ofMinutes(30))) {
            if (last > 0) {
                history.setBackTo(last);
            }
            last = history.add(at);
            undone.add(history.add(at.plus(Duration.ofMinutes(1))));
        }
        history.setBackTo(last);
        history.add(now.minusSeconds(1));
        history.write(lake.table(RAW), _ -> true);

        expire(now, 40, Set.of());

        assertThat(ids().subList(0, ids().size() - 20)).hasSizeGreaterThan(15).doesNotContainAnyElementsOf(undone);
    }

    @Test
    void keepsWhatATableBeganToFollowFromSinceTheRunBegan() {
        Instant now = start.plus(AGE);
        history.addEvery(Duration.ofMinutes(5), start, now);
        history.write(lake.table(RAW), _ -> true);
        List<Long> before = ids();
        lake.create("stage.s_t", MaintainedLake.IDS, PartitionSpec.unpartitioned())
                .updateProperties()
                .set(TableProperties.INPUT + RAW, before.get(502).toString())
                .commit();

        lake.parts(Clock.fixed(now, ZoneOffset.UTC), MaintainedLake.NO_STEPS, Clock.systemUTC())
                .tables()
                .run(RAW, settings(20), Set.of(before.get(301)), false, _ -> {});

        assertThat(ids()).contains(before.get(301), before.get(502)).hasSizeBetween(20, 26);
    }

    @Test
    void whatIsKeptStillReads() throws Exception {
        for (int i = 2; i <= 40; i++) {
            lake.append(RAW, i);
        }
        List<Long> before = ids();

        expire(Instant.now().plus(Duration.ofHours(2)), 20, Set.of());

        // All in one slot: the newest ten, and the last of the others.
        assertThat(ids()).isEqualTo(before.subList(29, 40));
        assertThat(MaintainedLake.rowsAt(lake.table(RAW), before.get(29))).hasSize(30);
        lake.append(RAW, 41);
        assertThat(lake.ids(RAW)).hasSize(41);
    }
}
