package io.levada.catalog.retention;

import static io.levada.catalog.retention.RetainedLake.FILES;
import static io.levada.catalog.retention.RetainedLake.RAW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.PeopleLake;
import io.levada.catalog.PeopleLake.Row;
import io.levada.catalog.maintenance.HistoryBound.Removed;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.definition.RawSettings;
import io.levada.events.Cause;
import io.levada.events.TableProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawRetentionTest {
    @TempDir
    Path directory;

    private RetainedLake lake;

    @BeforeEach
    void open() {
        lake = new RetainedLake(directory);
        lake.createKeyed();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void takesOutWhatIsOverTheBoundAndNoCurrentRowDependsOn() {
        lake.land(90, Row.loaded(1, "still"), Row.loaded(2, "was"), Row.loaded(3, "gone"));
        lake.land(80, Row.of("u", 1, 2, "is"), Row.deleted(2, 3));
        lake.land(10, Row.of("u", 3, 4, "young"), Row.of("u", 4, 4, "younger"));
        Map<Object, Object> mirror = lake.mirror();

        Removed removed = lake.retention().apply(RAW, false);

        assertThat(lake.history()).containsExactly("0 r 1 still", "1 u 2 is", "3 u 4 young", "4 u 4 younger");
        assertThat(lake.mirror()).isEqualTo(mirror);
        assertThat(removed.rows()).isEqualTo(3);
        Snapshot last = lake.table(RAW).currentSnapshot();
        assertThat(last.summary()).containsEntry(TableProperties.SUMMARY_CAUSE, Cause.RETENTION.name());
        assertThat(lake.table(RAW).properties()).containsEntry(TableProperties.KEPT_FROM, "2026-05-31");
    }

    @Test
    void aDayOfTheBoundItselfStays() {
        lake.land(31, Row.of("c", 1, 1, "over"), Row.of("u", 2, 1, "over too"));
        lake.land(30, Row.of("u", 3, 1, "of the day"), Row.of("u", 4, 1, "now"));

        lake.retention().apply(RAW, false);

        assertThat(lake.history()).containsExactly("3 u 1 of the day", "4 u 1 now");
    }

    @Test
    void aDeleteStaysForAsLongAsARowOfItsKey() {
        lake.land(90, Row.of("c", 1, 1, "old"));
        lake.land(80, Row.deleted(2, 1));
        lake.land(5, Row.loaded(1, "landed late"));

        lake.retention().apply(RAW, false);

        assertThat(lake.history()).containsExactly("0 r 1 landed late", "2 d 1 null");
        assertThat(lake.mirror()).isEmpty();
    }

    @Test
    void theNewestTruncateStaysSinceItVoidsWhatLandsLate() {
        lake.land(90, Row.of("c", 1, 1, "void"), Row.truncated(2), Row.truncated(3), Row.of("c", 4, 2, "is"));
        lake.land(5, Row.loaded(1, "landed late"));

        lake.retention().apply(RAW, false);

        assertThat(lake.history()).containsExactly("0 r 1 landed late", "3 t null null", "4 c 2 is");
    }

    @Test
    void whatWasSentBeforeAnUpdateThatDidNotSendItStays() {
        lake.land(90, Row.of("c", 1, 1, "long ago"), Row.of("u", 2, 1, "sent"));
        lake.land(80, Row.unsent(3, 1), Row.unsent(4, 1));

        lake.retention().apply(RAW, false);

        assertThat(lake.history()).containsExactly("2 u 1 sent", "3 u 1 null", "4 u 1 null");
    }

    @Test
    void everyStateThatACrashLeavesHasTheSameMirror() {
        lake.landPeople();
        Map<Object, Object> mirror = lake.mirror();

        Set<MaintenanceStep> crashes =
                lake.applyThroughCrashes(() -> assertThat(lake.mirror()).isEqualTo(mirror));

        assertThat(crashes).contains(MaintenanceStep.FILES_REWRITTEN, MaintenanceStep.REWRITE_COMMITTED);
        assertThat(lake.history()).containsExactlyElementsOf(RetainedLake.NEEDED);
        assertThat(directory.resolve("service/retention")).isEmptyDirectory();
    }

    @Test
    void stopsWhereALoadBeginsWhileFilesAreRewritten() {
        lake.land(90, Row.of("c", 1, 1, "old"), Row.of("u", 2, 1, "new"));
        MaintenanceSteps steps = (step, _) -> {
            if (step == MaintenanceStep.FILES_REWRITTEN) {
                lake.set(TableProperties.LOAD_OPEN, "2/1/4/" + PeopleLake.position(1));
            }
        };
        RawRetention retention = lake.retention(steps, RetainedLake.THIRTY_DAYS);

        assertThatThrownBy(() -> retention.apply(RAW, false))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(CatalogError.RETENTION_WAITS));

        assertThat(lake.history()).containsExactly("1 c 1 old", "2 u 1 new");
        assertThat(lake.table(RAW).properties()).doesNotContainKey(TableProperties.KEPT_FROM);
    }

    /// Its rows may stand behind changes that are over the bound.
    @Test
    void leavesATableAloneWhileItsSourceHasBegunALoadThatHasOfferedNothing() {
        lake.land(90, Row.of("c", 1, 1, "old"), Row.of("u", 2, 1, "new"));
        lake.loading = true;
        assertThatThrownBy(() -> lake.retention().apply(RAW, false))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(CatalogError.RETENTION_WAITS));
        lake.loading = false;
        MaintenanceSteps steps = (step, _) -> lake.loading |= step == MaintenanceStep.FILES_REWRITTEN;

        assertThatThrownBy(() -> lake.retention(steps, RetainedLake.THIRTY_DAYS).apply(RAW, false))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(CatalogError.RETENTION_WAITS));

        assertThat(lake.history()).containsExactly("1 c 1 old", "2 u 1 new");
    }

    @Test
    void leavesATableAloneWhileALoadOfItIsOpen() {
        lake.land(90, Row.of("c", 1, 1, "old"), Row.of("u", 2, 1, "new"));
        lake.set(TableProperties.LOAD_OPEN, "2/1/4/" + PeopleLake.position(1));

        assertThatThrownBy(() -> lake.retention().apply(RAW, false))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(CatalogError.RETENTION_WAITS));

        assertThat(lake.history()).hasSize(2);
    }

    @Test
    void anotherCommitInBetweenIsNotLost() {
        lake.land(90, Row.of("c", 1, 1, "old"), Row.of("u", 2, 1, "new"));
        boolean[] landed = {false};
        MaintenanceSteps steps = (step, _) -> {
            if (step == MaintenanceStep.FILES_REWRITTEN && !landed[0]) {
                landed[0] = true;
                lake.land(0, Row.of("u", 3, 1, "newest"));
            }
        };

        lake.retention(steps, RetainedLake.THIRTY_DAYS).apply(RAW, false);

        assertThat(lake.history()).containsExactly("3 u 1 newest");
    }

    @Test
    void isDoneOnceADayUnlessSomebodyAsks() {
        RawRetention retention = lake.retention();
        lake.land(90, Row.of("c", 1, 1, "old"));
        retention.apply(RAW, false);
        lake.land(89, Row.of("u", 2, 1, "late"));

        Removed bySelf = retention.apply(RAW, false);
        Removed asked = retention.apply(RAW, true);

        assertThat(bySelf.rows()).isZero();
        assertThat(asked.rows()).isOne();
        assertThat(lake.history()).containsExactly("2 u 1 late");
    }

    @Test
    void keepsAllWhereNothingIsSaid() {
        lake.land(900, Row.of("c", 1, 1, "old"), Row.of("u", 2, 1, "new"));
        RawRetention retention = lake.retention((_, _) -> {}, RawSettings.DEFAULT);

        Removed before = retention.apply(RAW, true);
        retention.replace(new RawSettings(null, Map.of(RAW, Duration.ofDays(30))));
        Removed after = retention.apply(RAW, true);

        assertThat(before).isEqualTo(Removed.NOTHING);
        assertThat(after.rows()).isOne();
    }

    @Test
    void takesAllOldRowsOfAFileTableThatHasABoundOfItsOwn() throws Exception {
        lake.createFiles();
        lake.landFile(90, "old", "old too");
        lake.landFile(3, "young");

        Removed without = lake.retention().apply(FILES, true);
        Removed with = lake.retention((_, _) -> {}, new RawSettings(null, Map.of(FILES, Duration.ofDays(7))))
                .apply(FILES, true);

        assertThat(without).isEqualTo(Removed.NOTHING);
        assertThat(with).isEqualTo(new Removed(2, 1));
        assertThat(lake.names()).containsExactly("young");
        assertThat(Files.exists(directory.resolve("service/retention"))).isFalse();
    }

    @Test
    void saysThatATableWithoutDaysHasNoBound() {
        lake.createWithoutDays("raw.inbox_flat");
        lake.land("raw.inbox_flat", "name", 90, "old");
        RawRetention retention =
                lake.retention((_, _) -> {}, new RawSettings(null, Map.of("raw.inbox_flat", Duration.ofDays(7))));

        assertThatThrownBy(() -> retention.apply("raw.inbox_flat", true))
                .isInstanceOfSatisfying(
                        MaintenanceException.class,
                        e -> assertThat(e.error()).isEqualTo(CatalogError.REWRITE_UNSUPPORTED))
                .hasMessageContaining("not partitioned by ingestion_date");
    }

    @Test
    void leavesATableAloneThatGetsAKeyMeanwhile() {
        lake.createFiles();
        lake.landFile(90, "old");
        MaintenanceSteps steps = (step, _) -> {
            if (step == MaintenanceStep.FILES_REWRITTEN) {
                lake.set(FILES, TableProperties.KEY, "[\"name\"]");
            }
        };

        lake.retention(steps, new RawSettings(null, Map.of(FILES, Duration.ofDays(7))))
                .apply(FILES, true);

        assertThat(lake.names()).containsExactly("old");
    }

    @Test
    void takesOldRowsOutOfTheQuarantineOnlyWhereItIsNamed() {
        lake.createQuarantine();
        lake.land("raw.quarantine", "reason", 90, "over", "over too");
        lake.land("raw.quarantine", "reason", 3, "young");

        Removed without = lake.retention().apply("raw.quarantine", true);
        Removed with = lake.retention((_, _) -> {}, new RawSettings(null, Map.of("raw.quarantine", Duration.ofDays(7))))
                .apply("raw.quarantine", true);

        assertThat(without).isEqualTo(Removed.NOTHING);
        assertThat(with).isEqualTo(new Removed(2, 1));
        assertThat(lake.values("raw.quarantine", "reason")).containsExactly("young");
    }

    @Test
    void leavesTablesOfOtherLayersAlone() {
        RawSettings settings = new RawSettings(Duration.ofDays(7), Map.of("stage.shop_person", Duration.ofDays(7)));
        lake.catalog().createNamespace(org.apache.iceberg.catalog.Namespace.of("stage"));
        lake.catalog()
                .createTable(
                        org.apache.iceberg.catalog.TableIdentifier.of("stage", "shop_person"),
                        lake.table(RAW).schema());

        assertThat(lake.retention((_, _) -> {}, settings).apply("stage.shop_person", true))
                .isEqualTo(Removed.NOTHING);
    }
}
