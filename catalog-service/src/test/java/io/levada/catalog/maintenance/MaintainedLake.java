package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.MaintenanceSteps;
import io.levada.definition.MaintenanceSettings;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;

/// A catalog in SQLite whose tables are maintained by the real parts, under a clock that a test sets.
final class MaintainedLake implements AutoCloseable {
    static final Schema IDS = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "ingestion_date", Types.DateType.get()));

    static final MaintenanceSettings SETTINGS = MaintenanceSettings.DEFAULT;
    static final MaintenanceSteps NO_STEPS = (_, _) -> {};

    private final Path directory;
    private final String location;
    private final Map<String, String> storage;
    private final JdbcCatalog catalog;
    final List<String> announced = new ArrayList<>();

    MaintainedLake(Path directory) {
        this(directory, directory.toAbsolutePath().resolve("lake").toString(), BucketAccess.DEFAULT);
    }

    /// @param location a folder or `s3://bucket/prefix`
    MaintainedLake(Path directory, String location, BucketAccess bucket) {
        this.directory = directory.toAbsolutePath();
        this.location = location;
        this.storage = CatalogDatabase.storage(directory, location, bucket);
        this.catalog = CatalogDatabase.open(directory, storage);
    }

    Path root() {
        return directory.resolve("lake");
    }

    /// Where the engine writes what is on its way into a bucket.
    Path staging() {
        return directory.resolve("rewritten");
    }

    JdbcCatalog catalog() {
        return catalog;
    }

    DuckDbSettings engine() {
        return new DuckDbSettings(256, 2, directory.resolve("spill"), List.of());
    }

    static Clock clock(Duration later) {
        return Clock.fixed(Instant.now().plus(later), ZoneOffset.UTC);
    }

    BaseTable create(String name, Schema schema, PartitionSpec spec) {
        TableIdentifier id = LakeCatalog.identifier(name);
        if (!catalog.namespaceExists(id.namespace())) {
            catalog.createNamespace(id.namespace());
        }
        return (BaseTable) catalog.buildTable(id, schema)
                .withPartitionSpec(spec)
                .withLocation(location + "/" + name.replace('.', '/'))
                .create();
    }

    /// With column `id`, partitioned by `ingestion_date`.
    BaseTable createRaw(String name) {
        return create(
                name,
                IDS,
                PartitionSpec.builderFor(IDS).identity("ingestion_date").build());
    }

    BaseTable table(String name) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
    }

    /// Writes one file with rows that are filled in one by one.
    @SafeVarargs
    static DataFile file(BaseTable table, String partition, Consumer<GenericRecord>... rows) {
        String location = table.location() + "/" + (partition.isEmpty() ? "data" : partition) + "/run_id="
                + UUID.randomUUID() + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, partition)) {
            for (Consumer<GenericRecord> fill : rows) {
                GenericRecord row = writer.newRow();
                fill.accept(row);
                writer.write(row);
            }
            return WrittenFiles.toDataFile(writer.finish(), table.spec());
        }
    }

    /// Appends one file of rows with these ids, of a day long ago, in a commit of its own.
    void append(String name, long... ids) {
        append(name, "2026-01-01", ids);
    }

    void append(String name, String day, long... ids) {
        BaseTable table = table(name);
        List<Consumer<GenericRecord>> rows = new ArrayList<>();
        for (long id : ids) {
            rows.add(row -> {
                row.setField("id", id);
                if (!table.spec().isUnpartitioned()) {
                    row.setField("ingestion_date", java.time.LocalDate.parse(day));
                }
            });
        }
        String partition = table.spec().isUnpartitioned() ? "" : "ingestion_date=" + day;
        commit(table, file(table, partition, rows.toArray(MaintainedLake::consumers)));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Consumer<GenericRecord>[] consumers(int size) {
        return new Consumer[size];
    }

    static void commit(BaseTable table, DataFile... files) {
        AppendFiles append = table.newAppend();
        for (DataFile file : files) {
            append.appendFile(file);
        }
        append.commit();
        table.refresh();
    }

    Compaction compaction(Clock clock, MaintenanceSteps steps) {
        return new Compaction(
                catalog,
                new FileRewrite(engine(), LocalCopies.in(directory.resolve("copies"), 1L << 30), staging()),
                new RewriteCommit(catalog),
                steps,
                announced::add,
                clock,
                () -> false);
    }

    Compaction.Outcome compact(String name) {
        return compaction(Clock.systemUTC(), NO_STEPS).compact(name, SETTINGS.compaction(), new ArrayList<>());
    }

    /// All of it, ten days later, with one snapshot kept, and all that is there announced; files are as old as their
    /// times say.
    TableReport maintain(String name, MaintenanceSteps steps) {
        return maintain(name, steps, Clock.systemUTC());
    }

    /// @param files by which the age of files is told
    TableReport maintain(String name, MaintenanceSteps steps, Clock files) {
        Clock later = clock(Duration.ofDays(10));
        MaintenanceSettings settings = new MaintenanceSettings(
                true,
                SETTINGS.interval(),
                SETTINGS.compaction(),
                new MaintenanceSettings.Snapshots(Duration.ofDays(5), 1, Duration.ofDays(30), 1_000),
                SETTINGS.orphans());
        MaintenanceParts parts = parts(later, steps, files);
        TableReport report =
                parts.tables().run(name, settings, Set.of(), false, _ -> {}).orElseThrow();
        OrphanFiles.Outcome deleted = parts.orphans().delete(settings.orphans().olderThan());
        return report.with(deleted.tables().getOrDefault(name, OrphanFiles.Deleted.NONE));
    }

    /// All that is there counts as announced, and no event is unsettled.
    ///
    /// @param files by which the age of files is told
    MaintenanceParts parts(Clock clock, MaintenanceSteps steps, Clock files) {
        LakeFileIO io = new LakeFileIO();
        io.initialize(storage);
        return new MaintenanceParts(
                new TableMaintenance(
                        catalog,
                        compaction(clock, steps),
                        manifests(steps),
                        new SnapshotExpiry(
                                catalog,
                                table -> Optional.of(
                                        table(table).currentSnapshot().snapshotId()),
                                steps,
                                clock),
                        (_, _) -> HistoryBound.Removed.NOTHING,
                        _ -> {},
                        clock),
                new OrphanFiles(catalog, _ -> {}, new LakeLayout(location), io, steps, files, () -> true));
    }

    ManifestRewrite manifests(MaintenanceSteps steps) {
        return new ManifestRewrite(catalog, new RewriteCommit(catalog), steps, announced::add);
    }

    /// The rows in the order of files and within them.
    List<Record> rows(String name) throws Exception {
        return rows(table(name));
    }

    static List<Record> rowsAt(BaseTable table, long snapshotId) throws Exception {
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(table).useSnapshot(snapshotId).build()) {
            List<Record> list = new ArrayList<>();
            rows.forEach(row -> list.add(row.copy()));
            return list;
        }
    }

    static List<Record> rows(BaseTable table) throws Exception {
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
            List<Record> list = new ArrayList<>();
            rows.forEach(row -> list.add(row.copy()));
            return list;
        }
    }

    List<Long> ids(String name) throws Exception {
        return rows(name).stream()
                .map(row -> (Long) row.getField("id"))
                .sorted()
                .toList();
    }

    List<String> files(String name) throws Exception {
        try (CloseableIterable<FileScanTask> tasks = table(name).newScan().planFiles()) {
            List<String> files = new ArrayList<>();
            tasks.forEach(task -> files.add(task.file().location()));
            return files;
        }
    }

    int snapshots(String name) {
        int count = 0;
        for (Object _ : table(name).snapshots()) {
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
