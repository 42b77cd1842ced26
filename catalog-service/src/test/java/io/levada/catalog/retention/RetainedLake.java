package io.levada.catalog.retention;

import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.PeopleLake;
import io.levada.catalog.PeopleLake.Row;
import io.levada.catalog.maintenance.FileWork;
import io.levada.catalog.maintenance.OrphanCleanUp;
import io.levada.definition.RawSettings;
import io.levada.events.TableProperties;
import io.levada.lake.RawSchema;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LocalCopies;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;

/// A lake of people whose rows are landed on given days, and retention over it.
final class RetainedLake implements AutoCloseable {
    static final String RAW = PeopleLake.RAW;
    static final String FILES = "raw.inbox_sales";
    static final LocalDate TODAY = LocalDate.parse("2026-06-30");

    /// Thirty days before [#TODAY].
    static final RawSettings THIRTY_DAYS = new RawSettings(Duration.ofDays(30), Map.of());

    /// What is left of [#landPeople].
    static final List<String> NEEDED = List.of("1 u 1 a2", "6 c 2 b anew", "7 u 4 d2");

    private final PeopleLake lake;
    private final LocalCopies copies;

    /// Whether a source has begun a load.
    boolean loading;

    RetainedLake(Path directory) {
        this(new PeopleLake(directory));
    }

    /// @param location `s3://bucket/prefix`
    RetainedLake(Path directory, String location, BucketAccess bucket) {
        this(new PeopleLake(directory, location, bucket));
    }

    private RetainedLake(PeopleLake lake) {
        this.lake = lake;
        this.copies = LocalCopies.in(lake.directory().resolve("copies"), 1L << 30);
    }

    JdbcCatalog catalog() {
        return lake.catalog();
    }

    BaseTable table(String name) {
        return lake.table(name);
    }

    RawRetention retention() {
        return retention((_, _) -> {}, THIRTY_DAYS);
    }

    RawRetention retention(MaintenanceSteps steps, RawSettings settings) {
        return RetentionConfiguration.of(
                catalog(),
                new FileWork(lake.directory().resolve("service"), copies),
                steps,
                _ -> {},
                (_, _) -> loading,
                settings,
                Clock.fixed(TODAY.atTime(12, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC));
    }

    /// Bounds the history twenty times over, each with a crash where the step comes at which it is to be.
    ///
    /// @param after each time
    /// @return the steps that came
    Set<MaintenanceStep> applyThroughCrashes(Runnable after) {
        Set<MaintenanceStep> crashes = EnumSet.noneOf(MaintenanceStep.class);
        for (int run = 0; run < 20; run++) {
            MaintenanceStep at = run % 2 == 0 ? MaintenanceStep.FILES_REWRITTEN : MaintenanceStep.REWRITE_COMMITTED;
            try {
                retention(
                                (step, _) -> {
                                    if (step == at) {
                                        throw new Crash();
                                    }
                                },
                                THIRTY_DAYS)
                        .apply(RAW, true);
            } catch (Crash _) {
                crashes.add(at);
            }
            after.run();
        }
        return crashes;
    }

    private static final class Crash extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;
    }

    /// Four people in three files of days over the bound: two changed, one was deleted and came back, and one is
    /// gone after two changes of its key. Of their eleven rows three are needed, [#NEEDED].
    void landPeople() {
        land(90, Row.loaded(1, "a"), Row.loaded(2, "b"), Row.loaded(3, "c"), Row.loaded(4, "d"));
        land(89, Row.of("u", 1, 1, "a2"), Row.deleted(2, 2), Row.moved(3, 3, 7, "c moved"));
        land(
                88,
                Row.moved(4, 7, 8, "c again"),
                Row.deleted(5, 8),
                Row.of("c", 6, 2, "b anew"),
                Row.of("u", 7, 4, "d2"));
    }

    /// A raw table with key `id` and a load at position 0.
    void createKeyed() {
        lake.createRaw(Map.of(TableProperties.LOAD_GENERATION, "1", TableProperties.LOAD_POS, PeopleLake.position(0)));
    }

    /// Deletes what nothing names, as four days later.
    void cleanUpOrphans() {
        OrphanCleanUp.fourDaysLater(lake);
    }

    void createFiles() {
        lake.create(
                FILES,
                RawSchema.ofFiles(List.of(new RawSchema.Column("name", Types.StringType.get()))),
                Map.of(TableProperties.SOURCE, "inbox"));
    }

    /// A table of column `name` alone.
    void createWithoutDays(String table) {
        lake.create(table, new Schema(Types.NestedField.optional(1, "name", Types.StringType.get())), Map.of());
    }

    void set(String property, String value) {
        set(RAW, property, value);
    }

    void set(String table, String property, String value) {
        lake.set(table, property, value);
    }

    /// One file and one commit of rows that landed so many days before [#TODAY].
    void land(int daysAgo, Row... rows) {
        lake.land(TODAY.minusDays(daysAgo), rows);
    }

    void landFile(int daysAgo, String... names) {
        land(FILES, "name", daysAgo, names);
    }

    /// The same of a table of which one column is filled.
    void land(String table, String column, int daysAgo, String... values) {
        BaseTable known = table(table);
        lake.commit(
                table,
                TODAY.minusDays(daysAgo),
                Stream.of(values)
                        .map(value -> {
                            GenericRecord record = GenericRecord.create(known.schema());
                            record.setField(column, value);
                            return record;
                        })
                        .toList());
    }

    /// A table with rows that were put aside.
    void createQuarantine() {
        lake.create("raw.quarantine", RawSchema.quarantine(), Map.of());
    }

    /// The values of a column, in their order.
    List<String> values(String table, String column) {
        return lake.records(table).stream()
                .map(row -> String.valueOf(row.getField(column)))
                .sorted()
                .toList();
    }

    /// As [PeopleLake#history].
    List<String> history() {
        return lake.history();
    }

    List<String> names() {
        return lake.names(FILES);
    }

    /// Names by id as they are in the source, of a history that sends all values: each change in order of
    /// position.
    Map<Object, Object> mirror() {
        List<Record> rows = new ArrayList<>(lake.records(RAW));
        Map<Object, Object> mirror = new TreeMap<>();
        rows.stream()
                .filter(row -> "r".equals(row.getField("_op")))
                .forEach(row -> mirror.put(row.getField("id"), row.getField("name")));
        rows.removeIf(row -> "r".equals(row.getField("_op")));
        rows.sort(java.util.Comparator.comparing(row -> String.valueOf(row.getField("_pos"))));
        for (Record row : rows) {
            if (row.getField("_old_key") instanceof Record old) {
                mirror.remove(old.getField("id"));
            }
            switch (String.valueOf(row.getField("_op"))) {
                case "c", "u" -> mirror.put(row.getField("id"), row.getField("name"));
                case "d" -> mirror.remove(row.getField("id"));
                default -> mirror.clear();
            }
        }
        return mirror;
    }

    @Override
    public void close() {
        lake.close();
    }
}
