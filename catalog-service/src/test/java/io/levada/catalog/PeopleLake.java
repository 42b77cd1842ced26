package io.levada.catalog;

import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.BucketAccess;
import io.levada.sql.DuckDbSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A catalog in SQLite over a folder or a bucket, and a raw table of people in it whose rows are given one by one.
public final class PeopleLake implements AutoCloseable {
    /// With key `id` and column `name`.
    public static final String RAW = "raw.shop_person";

    private static final String DAY = "ingestion_date";

    private final Path directory;
    private final String location;
    private final Map<String, String> storage;
    private final JdbcCatalog catalog;

    /// A lake in `lake` in the directory.
    public PeopleLake(Path directory) {
        this(directory, directory.toAbsolutePath().resolve("lake").toString(), BucketAccess.DEFAULT);
    }

    /// @param directory for the database, and for what is on its way
    /// @param location a folder or `s3://bucket/prefix`
    public PeopleLake(Path directory, String location, BucketAccess bucket) {
        this.directory = directory.toAbsolutePath();
        this.location = location;
        this.storage = CatalogDatabase.storage(directory, location, bucket);
        this.catalog = CatalogDatabase.open(directory, storage);
    }

    public Path directory() {
        return directory;
    }

    public String location() {
        return location;
    }

    /// How the lake's files are reached.
    public Map<String, String> storage() {
        return storage;
    }

    public JdbcCatalog catalog() {
        return catalog;
    }

    public DuckDbSettings engine() {
        return new DuckDbSettings(256, 2, directory.resolve("spill"), List.of());
    }

    public BaseTable table(String name) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
    }

    /// A row of [#RAW].
    ///
    /// @param sent whether the change tells the name
    public record Row(
            String op,
            int pos,
            @Nullable Long id,
            @Nullable String name,
            @Nullable Long oldId,
            boolean sent) {
        public static Row of(String op, int pos, long id, String name) {
            return new Row(op, pos, id, name, null, true);
        }

        public static Row moved(int pos, long from, long to, String name) {
            return new Row("u", pos, to, name, from, true);
        }

        public static Row deleted(int pos, long id) {
            return new Row("d", pos, id, null, null, true);
        }

        public static Row truncated(int pos) {
            return new Row("t", pos, null, null, null, true);
        }

        /// An update that does not send the name.
        public static Row unsent(int pos, long id) {
            return new Row("u", pos, id, null, null, false);
        }

        public static Row loaded(long id, String name) {
            return new Row("r", 0, id, name, null, true);
        }
    }

    public static String position(int pos) {
        return "0001-%020d".formatted(pos);
    }

    /// Makes [#RAW].
    public void createRaw(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(properties);
        all.put(TableProperties.KEY, "[\"id\"]");
        all.put(TableProperties.SOURCE, "shop");
        create(
                RAW,
                RawSchema.ofChanges(
                        List.of(
                                new RawSchema.Column("id", Types.LongType.get()),
                                new RawSchema.Column("name", Types.StringType.get())),
                        List.of("id")),
                all);
    }

    /// Makes a table, partitioned by `ingestion_date` where it has that column.
    public void create(String name, Schema schema, Map<String, String> properties) {
        TableIdentifier id = LakeCatalog.identifier(name);
        if (!catalog.namespaceExists(id.namespace())) {
            catalog.createNamespace(id.namespace());
        }
        PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
        catalog.buildTable(id, schema)
                .withPartitionSpec((schema.findField(DAY) == null ? spec : spec.identity(DAY)).build())
                .withLocation(location + "/" + name.replace('.', '/'))
                .withProperties(properties)
                .withProperty(org.apache.iceberg.TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true")
                .withProperty(org.apache.iceberg.TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20")
                .create();
    }

    public void set(String name, String property, String value) {
        table(name).updateProperties().set(property, value).commit();
    }

    /// One file and one commit of rows of [#RAW].
    public void land(LocalDate day, Row... rows) {
        BaseTable table = table(RAW);
        commit(RAW, day, Stream.of(rows).map(row -> raw(row, table)).toList());
    }

    /// A row as [#RAW] has it.
    public static GenericRecord raw(Row row, BaseTable table) {
        GenericRecord record = GenericRecord.create(table.schema());
        record.setField("id", row.id());
        record.setField("name", row.name());
        record.setField("_op", row.op());
        record.setField("_pos", position(row.pos()));
        record.setField("_load", row.op().equals("r") ? 1 : null);
        if (!row.sent()) {
            record.setField("_unchanged", List.of("name"));
        }
        if (row.oldId() != null) {
            GenericRecord old = GenericRecord.create(
                    table.schema().findField("_old_key").type().asStructType());
            old.setField("id", row.oldId());
            record.setField("_old_key", old);
        }
        return record;
    }

    /// One file and one commit.
    ///
    /// @param day of a table with such a column
    public void commit(String name, LocalDate day, List<GenericRecord> rows) {
        BaseTable table = table(name);
        table.newAppend().appendFile(write(table, day, rows)).commit();
    }

    /// Writes one file.
    public static DataFile write(BaseTable table, LocalDate day, List<? extends Record> rows) {
        boolean raw = table.schema().findField(DAY) != null;
        String partition = raw ? DAY + "=" + day : "";
        String location = table.location() + "/" + (raw ? partition : "data") + "/run_id=" + UUID.randomUUID()
                + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, partition)) {
            for (Record row : rows) {
                if (raw) {
                    row.setField(DAY, day);
                }
                writer.write((GenericRecord) row);
            }
            return WrittenFiles.toDataFile(writer.finish(), table.spec());
        }
    }

    /// All rows of a table.
    public List<Record> records(String name) {
        List<Record> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(name)).build()) {
            records.forEach(row -> rows.add(row.copy()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    /// The names in a table, sorted.
    public List<String> names(String name) {
        return records(name).stream()
                .map(row -> String.valueOf(row.getField("name")))
                .sorted()
                .toList();
    }

    /// Position, operation, id and name of all rows of [#RAW], by position.
    public List<String> history() {
        return records(RAW).stream()
                .map(row -> String.join(
                        " ",
                        String.valueOf(row.getField("_pos")).substring(5).replaceFirst("^0+(?=.)", ""),
                        String.valueOf(row.getField("_op")),
                        String.valueOf(row.getField("id")),
                        String.valueOf(row.getField("name"))))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        catalog.close();
    }
}
