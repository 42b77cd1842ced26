package io.levada.catalog.erasure;

import static io.levada.catalog.erasure.ErasedLake.CURATED;
import static io.levada.catalog.erasure.ErasedLake.NAME;
import static io.levada.catalog.erasure.ErasedLake.RAW;
import static io.levada.catalog.erasure.ErasedLake.STAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.PeopleLake.Row;
import io.levada.catalog.UnsettledEvent;
import io.levada.catalog.maintenance.MaintenanceException;
import io.levada.events.Cause;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.RawSchema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EraserTest {
    private ErasedLake lake;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new ErasedLake(directory);
        lake.createRaw();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void leavesNoFileOfTheLakeWithTheRowsOnceItIsDone() throws Exception {
        lake.landPeople();
        assertThat(lake.filesWith(NAME)).hasSizeGreaterThan(6);

        Eraser.Step removed = lake.advance(lake.eraser().order(RAW, List.of("1")));

        // The rows are gone from the raw table at once, and what follows from it is waited for.
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        assertThat(removed.erasure().stage()).isEqualTo(Erasure.Stage.FOLLOWING);
        assertThat(removed.erasure().rows()).isEqualTo(2);
        assertThat(removed.waitingFor()).contains(STAGE).contains(CURATED);
        Snapshot now = lake.table(RAW).currentSnapshot();
        assertThat(now.operation()).isEqualTo("overwrite");
        assertThat(now.summary()).containsEntry(TableProperties.SUMMARY_CAUSE, Cause.ERASURE.name());

        lake.follow(STAGE, RAW);
        Eraser.Step half = lake.advance(removed.erasure());
        assertThat(half.waitingFor()).doesNotContain(STAGE).contains(CURATED);

        lake.follow(CURATED, STAGE);
        Eraser.Step followed = lake.advance(half.erasure());

        // No snapshot has the rows any more, and no table but the current ones is there.
        assertThat(followed.erasure().stage()).isEqualTo(Erasure.Stage.DELETING);
        for (String table : List.of(RAW, STAGE, CURATED)) {
            assertThat(lake.snapshots(table)).as(table).isEqualTo(1);
        }
        assertThat(lake.filesWith(NAME)).isNotEmpty();
        assertThat(lake.filesWith("awaited")).as("the order").isNotEmpty();

        int before = lake.dataAndManifests(CURATED);
        lake.passes(ErasedLake.FILES_KEPT);
        Eraser.Step done = lake.advance(followed.erasure());

        assertThat(done.erasure().stage()).isEqualTo(Erasure.Stage.DONE);
        int deleted = before - lake.dataAndManifests(CURATED);
        assertThat(done.erasure().places())
                .hasEntrySatisfying(
                        CURATED, place -> assertThat(place.files()).isPositive().isEqualTo(deleted));
        assertThat(lake.filesWith(NAME)).isEmpty();
        assertThat(lake.filesWith("awaited")).isEmpty();
        assertThat(lake.eraser().store().open()).isEmpty();
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        assertThat(lake.names(CURATED)).containsExactlyInAnyOrderElementsOf(lake.names(RAW));
        assertThat(lake.table(RAW).properties())
                .containsEntry(org.apache.iceberg.TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20");
    }

    @ParameterizedTest
    @EnumSource(
            value = MaintenanceStep.class,
            names = {"FILES_REWRITTEN", "REWRITE_COMMITTED", "BEFORE_EXPIRY", "EXPIRY_COMMITTED", "BEFORE_DELETE"})
    void goesOnAfterACrashAtAnyStep(MaintenanceStep crash) throws Exception {
        lake.landPeople();
        lake.eraser().order(RAW, List.of("1"));

        assertThat(lake.carryOutWithCrashesAt(crash)).isPositive();

        assertThat(lake.filesWith(NAME)).isEmpty();
        assertThat(lake.filesWith("awaited")).isEmpty();
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
    }

    /// Iceberg's overwrite would not object, and all rows of the replaced files would be there twice.
    @Test
    void looksAgainWhereAnotherCommitReplacesTheFilesMeanwhile() {
        lake.landPeople();
        boolean[] compacted = {false};
        Erasure erasure = lake.eraser().order(RAW, List.of("1"));

        lake.eraser((step, _) -> {
                    if (step == MaintenanceStep.FILES_REWRITTEN && !compacted[0]) {
                        compacted[0] = true;
                        lake.compact();
                    }
                })
                .advance(erasure);

        assertThat(compacted[0]).isTrue();
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        Erasure kept = lake.eraser().store().open().getFirst();
        assertThat(kept.rows()).isEqualTo(2);
        assertThat(kept.stage()).isEqualTo(Erasure.Stage.FOLLOWING);
    }

    /// The files were there when the table was loaded for the commit.
    @Test
    void doesNotCommitWhereAnotherCommitComesBetweenTheLookAndTheCommit() {
        lake.landPeople();
        boolean[] compacted = {false};

        lake.removal((_, _) -> {})
                .remove(
                        lake.table(RAW),
                        RAW,
                        Expressions.alwaysTrue(),
                        _ -> Optional.of("id = 1"),
                        _ -> {
                            if (!compacted[0]) {
                                compacted[0] = true;
                                lake.compact();
                            }
                            return true;
                        },
                        Cause.ERASURE,
                        "order");

        assertThat(compacted[0]).isTrue();
        assertThat(lake.history()).containsExactly("1 c 1 " + NAME, "2 c 2 Bob", "3 u 1 " + NAME + " M.", "4 u 2 Bo");
    }

    @Test
    void countsNoRowsOfAnotherErasureThatIsNotDone() {
        lake.landPeople();
        Eraser.Step other = lake.advance(lake.eraser().order(RAW, List.of("1")));
        assertThat(other.erasure().rows()).isEqualTo(2);

        assertThat(lake.advance(lake.eraser().order(RAW, List.of("2")))
                        .erasure()
                        .rows())
                .isEqualTo(2);
    }

    @Test
    void staysCompleteToWhereItWas() {
        lake.landPeople();
        String complete = TableProperties.COMPLETE_TO + "shop";
        lake.table(RAW).newAppend().set(complete, "0001-4").commit();

        lake.advance(lake.eraser().order(RAW, List.of("1")));

        assertThat(lake.table(RAW).currentSnapshot().summary()).containsEntry(complete, "0001-4");
    }

    @Test
    void leavesFilesThatLieElsewhereToTheirOwner(@TempDir Path elsewhere) throws Exception {
        lake.landPeople();
        Path owned = elsewhere.resolve("part.parquet");
        lake.landElsewhere(owned, Row.of("u", 5, 1, NAME));
        lake.eraser().order(RAW, List.of("1"));

        while (lake.advanceOpen((_, _) -> {})) {
            // until it is done
        }

        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        assertThat(lake.filesWith(NAME)).isEmpty();
        assertThat(owned).exists();
    }

    @Test
    void keepsSnapshotsUntilTheyAreAnnounced() {
        lake.landPeople();
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        lake.computeAnew();
        int snapshots = lake.snapshots(STAGE);
        lake.announced = false;

        Eraser.Step waits = lake.advance(removed);

        assertThat(waits.waitingFor()).endsWith("to be announced");
        assertThat(lake.snapshots(STAGE)).isGreaterThanOrEqualTo(snapshots);
        lake.announced = true;
        assertThat(lake.advance(waits.erasure()).erasure().stage()).isEqualTo(Erasure.Stage.DELETING);
    }

    @Test
    void takesWhatIsOnItsWayAtTheOrderAndLeavesWhatComesAfterIt() {
        lake.landPeople();
        FilesWritten coming = FilesWritten.changes("on-its-way", RAW, 0, List.of(), List.of());
        lake.unsettled.add(new UnsettledEvent(RAW, coming));
        Eraser.Step first = lake.advance(lake.eraser().order(RAW, List.of("1")));
        assertThat(first.erasure().stage()).isEqualTo(Erasure.Stage.REMOVING);
        assertThat(first.waitingFor()).contains("offered to " + RAW);

        lake.land(Row.of("u", 5, 1, NAME + " again"));
        lake.unsettled.clear();
        lake.unsettled.add(
                new UnsettledEvent(RAW, FilesWritten.changes("after-the-order", RAW, 0, List.of(), List.of())));
        assertThat(first.erasure().found().alive()).isTrue();
        lake.land(Row.of("d", 6, 1, ""));
        Eraser.Step second = lake.advance(first.erasure());

        assertThat(second.erasure().stage()).isEqualTo(Erasure.Stage.FOLLOWING);
        assertThat(second.erasure().rows()).isEqualTo(4);
        assertThat(second.erasure().found().alive()).isFalse();
        lake.land(Row.of("u", 7, 1, "back"));
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo", "7 u 1 back");
    }

    @Test
    void takesADeleteOutTooThatReachesTheLakeLate() throws Exception {
        lake.landPeople();
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        lake.computeAnew();
        Erasure deleting = lake.advance(removed).erasure();
        assertThat(deleting.stage()).isEqualTo(Erasure.Stage.DELETING);
        lake.land(Row.of("d", 5, 1, NAME));

        lake.passes(ErasedLake.FILES_KEPT);
        Erasure again = lake.advance(deleting).erasure();
        assertThat(again.stage()).isEqualTo(Erasure.Stage.FOLLOWING);
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        lake.computeAnew();
        Erasure last = lake.advance(again).erasure();
        lake.passes(ErasedLake.FILES_KEPT);

        assertThat(lake.advance(last).erasure().stage()).isEqualTo(Erasure.Stage.DONE);
        assertThat(lake.filesWith(NAME)).isEmpty();
    }

    @Test
    void waitsForALoadThatGoesOn() {
        lake.landPeople();
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.LOAD_OPEN, "1/1/3/0")
                .commit();

        Eraser.Step step = lake.advance(lake.eraser().order(RAW, List.of("1")));

        assertThat(step.erasure().stage()).isEqualTo(Erasure.Stage.REMOVING);
        assertThat(step.waitingFor()).contains("the load of " + RAW);
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
    }

    @Test
    void goesOnWithoutATableThatWasDropped() throws Exception {
        lake.landPeople();
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        lake.follow(STAGE, RAW);
        Erasure half = lake.advance(removed).erasure();
        assertThat(half.places()).containsOnlyKeys(RAW, STAGE);

        lake.catalog().dropTable(LakeCatalog.identifier(STAGE), true);
        lake.catalog().dropTable(LakeCatalog.identifier(CURATED), true);
        Erasure deleting = lake.advance(half).erasure();
        lake.passes(ErasedLake.FILES_KEPT);

        assertThat(deleting.stage()).isEqualTo(Erasure.Stage.DELETING);
        assertThat(lake.advance(deleting).erasure().stage()).isEqualTo(Erasure.Stage.DONE);
        assertThat(lake.filesWith(NAME)).isEmpty();
    }

    @Test
    void doesNotExpireWhatATagNamesAndSaysSo() {
        lake.landPeople();
        lake.table(RAW)
                .manageSnapshots()
                .createTag("audit", lake.table(RAW).currentSnapshot().snapshotId())
                .commit();
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        lake.computeAnew();

        assertThatThrownBy(() -> lake.advance(removed)).isInstanceOfSatisfying(MaintenanceException.class, e -> {
            assertThat(e.error()).isEqualTo(CatalogError.ERASURE_BLOCKED);
            assertThat(e).hasMessageContaining("Tag audit of " + RAW);
        });

        lake.table(RAW).manageSnapshots().removeTag("audit").commit();
        assertThat(lake.advance(lake.eraser().store().open().getFirst())
                        .erasure()
                        .stage())
                .isEqualTo(Erasure.Stage.DELETING);
    }

    @Test
    void keepsAFileThatASnapshotNamesAgain() throws Exception {
        lake.landPeople();
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        var file = lake.table(RAW)
                .snapshots()
                .iterator()
                .next()
                .addedDataFiles(lake.table(RAW).io())
                .iterator()
                .next();
        lake.computeAnew();
        Erasure deleting = lake.advance(removed).erasure();
        assertThat(deleting.stage()).isEqualTo(Erasure.Stage.DELETING);
        lake.table(RAW).newAppend().appendFile(file).commit();

        lake.passes(ErasedLake.FILES_KEPT);
        lake.advance(deleting);

        assertThat(lake.history()).contains("1 c 1 " + NAME);
    }

    @Test
    void isDoneAtOnceWhereThereIsNoSuchRow() {
        lake.landPeople();
        int snapshots = lake.snapshots(RAW);

        Eraser.Step step = lake.advance(lake.eraser().order(STAGE, List.of("77")));

        assertThat(step.erasure().stage()).isEqualTo(Erasure.Stage.DONE);
        assertThat(step.erasure().order().table()).isEqualTo(RAW);
        assertThat(step.erasure().rows()).isZero();
        assertThat(lake.snapshots(RAW)).isEqualTo(snapshots);
    }

    @Test
    void takesRowsOfDatabasesOutOfTheQuarantineAndTellsOfTheOthers() {
        lake.landPeople();
        lake.create("raw.quarantine", RawSchema.quarantine(), Map.of());
        lake.commitRows(
                "raw.quarantine",
                bad(RAW, "{\"id\": \"1\", \"name\": \"x\"}"),
                bad(RAW, "{\"id\": \"2\"}"),
                bad(RAW, "1;" + NAME),
                bad("raw.other", "{\"id\": \"1\"}"));

        // The key is a number, however it is written.
        Eraser.Step step = lake.advance(lake.eraser().order(RAW, List.of("01")));

        assertThat(step.erasure().rows()).isEqualTo(3);
        assertThat(lake.count("raw.quarantine")).isEqualTo(3);
        assertThat(step.erasure().order().notes())
                .singleElement()
                .asString()
                .startsWith("1 rows of " + RAW + " in raw.quarantine are no JSON");
    }

    private java.util.function.Consumer<GenericRecord> bad(String table, String raw) {
        return row -> {
            row.setField("table_name", table);
            row.setField("raw", java.nio.ByteBuffer.wrap(raw.getBytes(StandardCharsets.UTF_8)));
        };
    }

    @Test
    void findsRowsOfATableWithoutAKeyByItsColumns() {
        lake.create(
                "raw.files_sales",
                RawSchema.ofFiles(List.of(
                        new RawSchema.Column("customer", Types.IntegerType.get()),
                        new RawSchema.Column("price", Types.DecimalType.of(9, 2)))),
                Map.of());
        lake.commitRows("raw.files_sales", sale(1, "2.50"), sale(2, "2.50"), sale(2, "3.00"));

        Eraser.Step step = lake.advance(lake.eraser().order("raw.files_sales", List.of("customer=2", "price=2.5")));

        assertThat(step.erasure().rows()).isEqualTo(1);
        assertThat(lake.count("raw.files_sales")).isEqualTo(2);
        assertThatThrownBy(() -> lake.eraser().order("raw.files_sales", List.of("2")))
                .hasMessageContaining("raw.files_sales has no key: give `column=value`");
        assertThatThrownBy(() -> lake.eraser().order("raw.files_sales", List.of("customer=2.5")))
                .hasMessage("`2.5` is no int, which column customer is");
    }

    private static java.util.function.Consumer<GenericRecord> sale(int customer, String price) {
        return row -> {
            row.setField("customer", customer);
            row.setField("price", new java.math.BigDecimal(price));
        };
    }

    @Test
    void refusesWhatIsNoTableOfASourceAndKeysThatDoNotFit() {
        lake.landPeople();
        refused(CATALOG, "raw.none", "There is no table raw.none", "1");
        refused(CATALOG, "none", "There is no table none", "1");
        refused(CATALOG, CURATED, CURATED + " is no table of a source, nor the mirror of one", "1");
        refused(KEY, RAW, "`one` is no long, which column id is", "one");
        refused(KEY, RAW, "The key of raw.shop_person is id: give `column=value` for each of them", "1", "2");
        refused(KEY, RAW, "The key of raw.shop_person is id: give `column=value` for each of them", "name=x", "id=1");
        for (int i = 0; i <= 1_000; i++) {
            lake.unsettled.add(
                    new UnsettledEvent(RAW, FilesWritten.changes("event-" + i, RAW, 0, List.of(), List.of())));
        }
        refused(CatalogError.ERASURE_BLOCKED, RAW, "1001 events of raw.shop_person wait to be committed", "1");
        lake.table(RAW)
                .updateProperties()
                .set(TableProperties.DATA_FILES, TableProperties.IN_PLACE)
                .commit();
        refused(CATALOG, RAW, "The files of raw.shop_person lie elsewhere and are not the lake's to rewrite", "1");
        assertThat(lake.catalog().tableExists(LakeCatalog.identifier(RAW))).isTrue();
    }

    private static final CatalogError CATALOG = CatalogError.ERASURE_TABLE;
    private static final CatalogError KEY = CatalogError.ERASURE_KEY;

    private void refused(CatalogError error, String table, String message, String... key) {
        assertThatThrownBy(() -> lake.eraser().order(table, List.of(key)))
                .isInstanceOfSatisfying(
                        MaintenanceException.class, e -> assertThat(e.error()).isEqualTo(error))
                .hasMessage(message);
    }
}
