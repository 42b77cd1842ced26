package io.levada.catalog.commit;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogDatabase;
import io.levada.events.Cause;
import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.OffsetRange;
import io.levada.events.TableInput;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A catalog, in SQLite unless another is given, with tables of one column `id`, partitioned by `part`, and the files
/// and events that go with it.
final class TestLake implements AutoCloseable {
    static final String CLUSTER = "cluster-1";
    static final String TOPIC_ID = "topic-1";

    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "part", Types.StringType.get()));

    private final CatalogBackend backend;
    private final Path directory;

    TestLake(Path directory) {
        this(directory, CatalogBackend.of(CatalogDatabase.open(directory, lakeLocation(directory))));
    }

    /// @param backend closed with this
    TestLake(Path directory, CatalogBackend backend) {
        this.directory = directory;
        this.backend = backend;
    }

    static String lakeLocation(Path directory) {
        return directory.resolve("lake").toAbsolutePath().toString();
    }

    Catalog catalog() {
        return backend.tables();
    }

    SupportsNamespaces namespaces() {
        return backend.namespaces();
    }

    Table create(String name) {
        return create(catalog(), name, directory);
    }

    static Table create(Catalog catalog, String name, Path directory) {
        TableIdentifier id = LakeCatalog.identifier(name);
        Namespace namespace = id.namespace();
        SupportsNamespaces namespaces = (SupportsNamespaces) catalog;
        if (!namespaces.namespaceExists(namespace)) {
            namespaces.createNamespace(namespace);
        }
        return catalog.buildTable(id, SCHEMA)
                .withPartitionSpec(
                        PartitionSpec.builderFor(SCHEMA).identity("part").build())
                .withLocation(directory.toAbsolutePath() + "/lake/" + name.replace('.', '/'))
                .create();
    }

    Table table(String name) {
        return catalog().loadTable(LakeCatalog.identifier(name));
    }

    String property(String table, String name) {
        return table(table).properties().getOrDefault(name, "absent");
    }

    WrittenFile file(String table, long... ids) {
        return file(table(table), ids);
    }

    static WrittenFile file(Table table, long... ids) {
        String location = table.location() + "/part=a/" + UUID.randomUUID() + ".parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, "part=a")) {
            for (long id : ids) {
                GenericRecord row = writer.newRow();
                row.setField("id", id);
                row.setField("part", "a");
                writer.write(row);
            }
            return writer.finish();
        }
    }

    List<Long> ids(String table) throws Exception {
        return ids(table(table));
    }

    static List<Long> ids(Table table) throws Exception {
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build();
                Stream<Record> stream = StreamSupport.stream(rows.spliterator(), false)) {
            List<Long> ids = new ArrayList<>();
            stream.forEach(row -> ids.add((Long) row.getField("id")));
            ids.sort(null);
            return ids;
        }
    }

    static FilesWritten changes(String id, String table, long start, long end, WrittenFile... files) {
        return FilesWritten.changes(id, table, 0, List.of(files), List.of(range(start, end)));
    }

    static OffsetRange range(long start, long end) {
        return new OffsetRange(CLUSTER, TOPIC_ID, "levada.changes.s.t", 0, start, end);
    }

    static FilesWritten arrived(String id, String table, long number, WrittenFile... files) {
        return FilesWritten.file(id, table, 0, List.of(files), identity(table, number));
    }

    static FileIdentity identity(String table, long number) {
        return new FileIdentity("s", table, number, "f" + number + ".csv", "00");
    }

    static FilesWritten load(String id, String table, int generation, @Nullable Long completeAt, WrittenFile... files) {
        return FilesWritten.chunk(
                id, table, 0, List.of(files), new LoadChunk(table, generation, 0, 1, "pos-" + generation, completeAt));
    }

    static FilesWritten curated(
            String id, String table, @Nullable Long base, Map<String, List<Long>> inputs, WrittenFile... files) {
        List<TableInput> list = inputs.entrySet().stream()
                .map(entry -> entry.getValue().size() == 1
                        ? new TableInput(entry.getKey(), null, entry.getValue().getFirst())
                        : new TableInput(
                                entry.getKey(),
                                entry.getValue().getFirst(),
                                entry.getValue().getLast()))
                .toList();
        return FilesWritten.replacement(id, table, Cause.CURATION, 0, List.of(files), base, list);
    }

    @Override
    public void close() {
        backend.close();
    }
}
