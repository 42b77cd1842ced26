package io.levada.catalog.erasure;

import io.levada.catalog.FilesWithText;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.PeopleLake;
import io.levada.catalog.PeopleLake.Row;
import io.levada.catalog.SettledEvents;
import io.levada.catalog.UnsettledEvent;
import io.levada.catalog.maintenance.FileRewrite;
import io.levada.catalog.maintenance.OrphanCleanUp;
import io.levada.catalog.maintenance.RewriteCommit;
import io.levada.events.TableProperties;
import io.levada.lake.ContentSnapshot;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LocalFileIO;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LocalCopies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;

/// A lake of people, tables that follow from them, and an eraser over it.
final class ErasedLake implements AutoCloseable {
    static final String RAW = PeopleLake.RAW;
    static final String STAGE = "stage.shop_person";
    static final String CURATED = "curated.names";
    static final Duration FILES_KEPT = Duration.ofHours(1);

    /// Of the person whose key is 1. The beginning is in the bounds of manifests, which hold 16 characters.
    static final String NAME = "zq-ada-lovelace";

    private static final LocalDate DAY = LocalDate.parse("2026-01-01");

    private static final SettledEvents NO_EVENTS = new SettledEvents() {
        @Override
        public long delete() {
            return 0;
        }

        @Override
        public boolean endSegment() {
            return true;
        }
    };

    private final PeopleLake lake;
    private final LocalCopies copies;

    /// Not asked for as long as no table has offsets.
    String bootstrapServers = "127.0.0.1:1";

    /// Whether the current snapshot of each table is announced.
    boolean announced = true;

    final List<UnsettledEvent> unsettled = new ArrayList<>();
    private Duration later = Duration.ZERO;

    ErasedLake(Path directory) {
        this(new PeopleLake(directory));
    }

    /// @param location `s3://bucket/prefix`
    ErasedLake(Path directory, String location, BucketAccess bucket) {
        this(new PeopleLake(directory, location, bucket));
    }

    private ErasedLake(PeopleLake lake) {
        this.lake = lake;
        this.copies = LocalCopies.in(lake.directory().resolve("copies"), 1L << 30);
    }

    JdbcCatalog catalog() {
        return lake.catalog();
    }

    BaseTable table(String name) {
        return lake.table(name);
    }

    void passes(Duration time) {
        later = later.plus(time);
    }

    RowRemoval removal(MaintenanceSteps steps) {
        return new RowRemoval(
                catalog(),
                new FileRewrite(lake.engine(), copies, lake.directory().resolve("rewritten")),
                reader(),
                steps,
                _ -> {});
    }

    private TableReader reader() {
        return new TableReader(lake.engine(), copies);
    }

    Eraser eraser(MaintenanceSteps steps) {
        return new Eraser(
                catalog(),
                reader(),
                removal(steps),
                new OldCopies(
                        catalog(),
                        new RewriteCommit(catalog()),
                        copies,
                        name -> announced
                                ? Optional.of(table(name).currentSnapshot().snapshotId())
                                : Optional.empty(),
                        _ -> {},
                        steps),
                new ChangeTopicRecords(bootstrapServers),
                each -> unsettled.forEach(each),
                NO_EVENTS,
                new ErasureTiming(Duration.ZERO, FILES_KEPT),
                Clock.fixed(Instant.now().plus(later), ZoneOffset.UTC));
    }

    Eraser eraser() {
        return eraser((_, _) -> {});
    }

    /// Steps until nothing moves any more.
    Eraser.Step advance(Erasure erasure) {
        Eraser.Step step = new Eraser.Step(erasure, "");
        for (int i = 0; i < 20; i++) {
            Eraser.Step next = eraser().advance(step.erasure());
            if (next.erasure().stage() == Erasure.Stage.DONE || next.equals(step)) {
                return next;
            }
            step = next;
        }
        throw new IllegalStateException("It does not come to an end: " + step);
    }

    /// One step of the order that is open, by a service that was just started and knows what the table keeps.
    /// What it waits for comes before: other tables are computed anew, and the time of files is over.
    ///
    /// @return false where no order is open
    boolean advanceOpen(MaintenanceSteps steps) {
        List<Erasure> open = eraser().store().open();
        if (open.isEmpty()) {
            return false;
        }
        switch (open.getFirst().stage()) {
            case REMOVING, DONE -> {}
            case FOLLOWING -> computeAnew();
            case DELETING -> passes(FILES_KEPT);
        }
        eraser(steps).advance(open.getFirst());
        return true;
    }

    /// Carries the order that is open out with a crash at each of the first three times that a step is reached.
    ///
    /// @return how many there were
    int carryOutWithCrashesAt(MaintenanceStep crash) {
        int crashes = 0;
        boolean open = true;
        for (int i = 0; open; i++) {
            if (i == 40) {
                throw new IllegalStateException("It does not come to an end");
            }
            boolean armed = crashes < 3;
            try {
                open = advanceOpen((step, _) -> {
                    if (step == crash && armed) {
                        throw new Crash();
                    }
                });
            } catch (Crash _) {
                crashes++;
            }
        }
        return crashes;
    }

    private static final class Crash extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;
    }

    void createRaw() {
        lake.createRaw(Map.of());
    }

    void create(String name, Schema schema, Map<String, String> properties) {
        lake.create(name, schema, properties);
    }

    /// One file and one commit.
    void land(Row... rows) {
        lake.land(DAY, rows);
    }

    /// The same with a file outside of the table's folder.
    void landElsewhere(Path place, Row... rows) throws IOException {
        BaseTable table = table(RAW);
        DataFile file = PeopleLake.write(
                table,
                DAY,
                Stream.of(rows).map(row -> PeopleLake.raw(row, table)).toList());
        Files.move(LocalFileIO.path(file.location()), place);
        table.newAppend()
                .appendFile(DataFiles.builder(table.spec())
                        .copy(file)
                        .withPath(place.toString())
                        .build())
                .commit();
    }

    /// Three files of two people, and tables that follow from them.
    void landPeople() {
        land(Row.of("c", 1, 1, NAME), Row.of("c", 2, 2, "Bob"));
        land(Row.of("u", 3, 1, NAME + " M."));
        computeAnew();
        land(Row.of("u", 4, 2, "Bo"));
        computeAnew();
    }

    void computeAnew() {
        follow(STAGE, RAW);
        follow(CURATED, STAGE);
    }

    /// One file of all that [#RAW] has.
    void compact() {
        BaseTable table = table(RAW);
        var rewrite = table.newRewrite();
        try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
            files.forEach(file -> rewrite.deleteFile(file.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rewrite.addFile(PeopleLake.write(table, DAY, lake.records(RAW)));
        rewrite.commit();
    }

    /// One file and one commit of rows that are filled in one by one.
    @SafeVarargs
    final void commitRows(String name, Consumer<GenericRecord>... rows) {
        Schema schema = table(name).schema();
        lake.commit(
                name,
                DAY,
                Stream.of(rows)
                        .map(fill -> {
                            GenericRecord row = GenericRecord.create(schema);
                            fill.accept(row);
                            return row;
                        })
                        .toList());
    }

    long count(String name) {
        return Long.parseLong(table(name).currentSnapshot().summary().get("total-records"));
    }

    /// What transform-service does: a table with the names of an input, replaced as a whole.
    void follow(String name, String input) {
        if (!catalog().tableExists(LakeCatalog.identifier(name))) {
            create(name, new Schema(Types.NestedField.optional(1, "name", Types.StringType.get())), Map.of());
        }
        BaseTable table = table(name);
        List<GenericRecord> rows = names(input).stream()
                .map(value -> {
                    GenericRecord row = GenericRecord.create(table.schema());
                    row.setField("name", value);
                    return row;
                })
                .toList();
        var transaction = table.newTransaction();
        transaction
                .newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(PeopleLake.write(table, DAY, rows))
                .commit();
        transaction
                .updateProperties()
                .set(
                        TableProperties.INPUT + input,
                        Long.toString(ContentSnapshot.id(table(input).currentSnapshot())))
                .commit();
        transaction.commitTransaction();
    }

    List<String> names(String name) {
        return lake.names(name);
    }

    /// As [PeopleLake#history].
    List<String> history() {
        return lake.history();
    }

    /// The files below a lake in a folder that hold a text.
    List<String> filesWith(String text) throws IOException, SQLException {
        return FilesWithText.below(lake.directory().resolve("lake"), text);
    }

    /// Deletes what nothing names, as four days later.
    void cleanUpOrphans() {
        OrphanCleanUp.fourDaysLater(lake);
    }

    /// How many data files, manifests and manifest lists lie in a table's folder.
    int dataAndManifests(String name) throws IOException {
        try (Stream<Path> files = Files.walk(LocalFileIO.path(table(name).location()))) {
            return (int) files.filter(file -> file.toString().endsWith(".parquet")
                            || file.toString().endsWith(".avro"))
                    .count();
        }
    }

    /// How many snapshots a table has.
    int snapshots(String name) {
        int count = 0;
        for (var _ : table(name).snapshots()) {
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        lake.close();
    }
}
