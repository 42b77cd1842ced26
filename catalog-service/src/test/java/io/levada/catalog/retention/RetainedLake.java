package io.levada.catalog.retention;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.MaintenanceSteps;
import io.levada.definition.RawSettings;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.LocalCopies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
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

/// A catalog in SQLite with raw tables whose rows are landed on given days, and retention over it.
final class RetainedLake implements AutoCloseable {
    static final String RAW = "raw.shop_person";
    static final String FILES = "raw.inbox_sales";
    static final LocalDate TODAY = LocalDate.parse("2026-06-30");

    private final Path directory;
    private final JdbcCatalog catalog;

    RetainedLake(Path directory) {
        this.directory = directory.toAbsolutePath();
        this.catalog = CatalogDatabase.open(directory, root().toString());
    }

    private Path root() {
        return directory.resolve("lake");
    }

    JdbcCatalog catalog() {
        return catalog;
    }

    BaseTable table(String name) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
    }

    /// The history that is kept for thirty days before [#TODAY].
    RawRetention retention() {
        return retention((_, _) -> {}, new RawSettings(Duration.ofDays(30), Map.of()));
    }

    RawRetention retention(MaintenanceSteps steps, RawSettings settings) {
        return RetentionConfiguration.of(
                catalog,
                LocalCopies.in(directory.resolve("copies"), 1L << 30),
                directory.resolve("service"),
                steps,
                _ -> {},
                settings,
                Clock.fixed(TODAY.atTime(12, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC));
    }

    /// A raw table with key `id` and a load at position 0.
    void createKeyed() {
        create(
                RAW,
                RawSchema.ofChanges(
                        List.of(
                                new RawSchema.Column("id", Types.LongType.get()),
                                new RawSchema.Column("name", Types.StringType.get())),
                        List.of("id")),
                Map.of(
                        TableProperties.KEY,
                        "[\"id\"]",
                        TableProperties.SOURCE,
                        "shop",
                        TableProperties.LOAD_GENERATION,
                        "1",
                        TableProperties.LOAD_POS,
                        position(0)));
    }

    void createFiles() {
        create(
                FILES,
                RawSchema.ofFiles(List.of(new RawSchema.Column("name", Types.StringType.get()))),
                Map.of(TableProperties.SOURCE, "inbox"));
    }

    private void create(String name, Schema schema, Map<String, String> properties) {
        TableIdentifier id = LakeCatalog.identifier(name);
        if (!catalog.namespaceExists(id.namespace())) {
            catalog.createNamespace(id.namespace());
        }
        catalog.buildTable(id, schema)
                .withPartitionSpec(PartitionSpec.builderFor(schema)
                        .identity("ingestion_date")
                        .build())
                .withLocation(root() + "/" + name.replace('.', '/'))
                .withProperties(properties)
                .create();
    }

    void set(String property, String value) {
        table(RAW).updateProperties().set(property, value).commit();
    }

    /// A row of [#RAW].
    record Row(
            String op,
            int pos,
            @Nullable Long id,
            @Nullable String name,
            @Nullable Long oldId,
            boolean sent) {
        static Row of(String op, int pos, long id, String name) {
            return new Row(op, pos, id, name, null, true);
        }

        static Row moved(int pos, long from, long to, String name) {
            return new Row("u", pos, to, name, from, true);
        }

        static Row deleted(int pos, long id) {
            return new Row("d", pos, id, null, null, true);
        }

        static Row truncated(int pos) {
            return new Row("t", pos, null, null, null, true);
        }

        /// An update that does not send the name.
        static Row unsent(int pos, long id) {
            return new Row("u", pos, id, null, null, false);
        }

        static Row loaded(long id, String name) {
            return new Row("r", 0, id, name, null, true);
        }
    }

    static String position(int pos) {
        return "0001-%020d".formatted(pos);
    }

    /// One file and one commit of rows that landed so many days before [#TODAY].
    void land(int daysAgo, Row... rows) {
        BaseTable table = table(RAW);
        write(
                table,
                TODAY.minusDays(daysAgo),
                Stream.of(rows)
                        .map(row -> {
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
                                GenericRecord old = GenericRecord.create(table.schema()
                                        .findField("_old_key")
                                        .type()
                                        .asStructType());
                                old.setField("id", row.oldId());
                                record.setField("_old_key", old);
                            }
                            return record;
                        })
                        .toList());
    }

    void landFile(int daysAgo, String... names) {
        BaseTable table = table(FILES);
        write(
                table,
                TODAY.minusDays(daysAgo),
                Stream.of(names)
                        .map(name -> {
                            GenericRecord record = GenericRecord.create(table.schema());
                            record.setField("name", name);
                            return record;
                        })
                        .toList());
    }

    private static void write(BaseTable table, LocalDate day, List<GenericRecord> rows) {
        String partition = "ingestion_date=" + day;
        String location = table.location() + "/" + partition + "/run_id=" + UUID.randomUUID() + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, partition)) {
            for (GenericRecord row : rows) {
                row.setField("ingestion_date", day);
                writer.write(row);
            }
            table.newAppend()
                    .appendFile(WrittenFiles.toDataFile(writer.finish(), table.spec()))
                    .commit();
        }
    }

    /// Position, operation, id and name of all rows of [#RAW], by position.
    List<String> history() {
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

    List<String> names() {
        return records(FILES).stream()
                .map(row -> String.valueOf(row.getField("name")))
                .sorted()
                .toList();
    }

    /// Names by id as they are in the source, of a history that sends all values: each change in order of position.
    Map<Object, Object> mirror() {
        List<Record> rows = new ArrayList<>(records(RAW));
        Map<Object, Object> loaded = new LinkedHashMap<>();
        Map<Object, Object> mirror = new TreeMap<>();
        rows.stream()
                .filter(row -> "r".equals(row.getField("_op")))
                .forEach(row -> loaded.put(row.getField("id"), row.getField("name")));
        mirror.putAll(loaded);
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

    private List<Record> records(String name) {
        List<Record> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(name)).build()) {
            records.forEach(rows::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
