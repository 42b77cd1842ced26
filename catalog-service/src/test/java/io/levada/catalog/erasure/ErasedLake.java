package io.levada.catalog.erasure;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.MaintenanceSteps;
import io.levada.catalog.UnsettledEvent;
import io.levada.catalog.maintenance.FileRewrite;
import io.levada.catalog.maintenance.RewriteCommit;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A catalog in SQLite with raw tables whose rows are given one by one, and an eraser over it. Kafka is not needed, as
/// no table has offsets.
final class ErasedLake implements AutoCloseable {
    static final String RAW = "raw.shop_person";
    static final Duration FILES_KEPT = Duration.ofHours(1);

    private final Path directory;
    private final JdbcCatalog catalog;
    final List<UnsettledEvent> unsettled = new ArrayList<>();
    private Duration later = Duration.ZERO;

    ErasedLake(Path directory) {
        this.directory = directory.toAbsolutePath();
        this.catalog = CatalogDatabase.open(directory, root().toString());
    }

    Path root() {
        return directory.resolve("lake");
    }

    JdbcCatalog catalog() {
        return catalog;
    }

    BaseTable table(String name) {
        return (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
    }

    void passes(Duration time) {
        later = later.plus(time);
    }

    Eraser eraser(MaintenanceSteps steps) {
        DuckDbSettings engine = new DuckDbSettings(256, 2, directory.resolve("spill"), List.of());
        LocalCopies copies = LocalCopies.in(directory.resolve("copies"), 1L << 30);
        TableReader reader = new TableReader(engine, copies);
        return new Eraser(
                catalog,
                reader,
                new RowRemoval(
                        catalog,
                        new FileRewrite(engine, copies, directory.resolve("rewritten")),
                        reader,
                        steps,
                        _ -> {}),
                new OldCopies(
                        catalog,
                        new RewriteCommit(catalog),
                        name -> Optional.of(table(name).currentSnapshot().snapshotId()),
                        _ -> {},
                        steps),
                new ChangeTopicRecords("127.0.0.1:1"),
                each -> unsettled.forEach(each),
                () -> 0,
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

    /// A raw table with key `id` and column `name`.
    void createRaw() {
        create(
                RAW,
                RawSchema.ofChanges(
                        List.of(
                                new RawSchema.Column("id", Types.LongType.get()),
                                new RawSchema.Column("name", Types.StringType.get())),
                        List.of("id")),
                "ingestion_date",
                Map.of(TableProperties.KEY, "[\"id\"]", TableProperties.SOURCE, "shop"));
    }

    void create(String name, Schema schema, String partition, Map<String, String> properties) {
        TableIdentifier id = LakeCatalog.identifier(name);
        if (!catalog.namespaceExists(id.namespace())) {
            catalog.createNamespace(id.namespace());
        }
        PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
        catalog.buildTable(id, schema)
                .withPartitionSpec(
                        partition.isEmpty()
                                ? spec.build()
                                : spec.identity(partition).build())
                .withLocation(root() + "/" + name.replace('.', '/'))
                .withProperties(properties)
                .withProperty(org.apache.iceberg.TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true")
                .withProperty(org.apache.iceberg.TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20")
                .create();
    }

    /// A row of [#RAW].
    record Row(
            String op,
            int pos,
            @Nullable Long id,
            @Nullable String name,
            @Nullable Long oldId) {
        static Row of(String op, int pos, long id, String name) {
            return new Row(op, pos, id, name, null);
        }

        static Row moved(int pos, long from, long to, String name) {
            return new Row("u", pos, to, name, from);
        }
    }

    static String position(int pos) {
        return "0-%020d".formatted(pos);
    }

    /// One file and one commit.
    void land(Row... rows) {
        BaseTable table = table(RAW);
        commit(
                table,
                Stream.of(rows)
                        .map(row -> {
                            GenericRecord record = GenericRecord.create(table.schema());
                            record.setField("id", row.id());
                            record.setField("name", row.name());
                            record.setField("_op", row.op());
                            record.setField("_pos", position(row.pos()));
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

    /// One file of all that [#RAW] has.
    void compact() {
        BaseTable table = table(RAW);
        LocalDate day = LocalDate.parse("2026-01-01");
        String location =
                table.location() + "/ingestion_date=" + day + "/run_id=" + UUID.randomUUID() + "/part-0000.parquet";
        var rewrite = table.newRewrite();
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build();
                ParquetFileWriter writer = ParquetFileWriter.create(table, location, "ingestion_date=" + day);
                CloseableIterable<org.apache.iceberg.FileScanTask> files =
                        table.newScan().planFiles()) {
            rows.forEach(row -> writer.write((GenericRecord) row));
            files.forEach(file -> rewrite.deleteFile(file.file()));
            rewrite.addFile(WrittenFiles.toDataFile(writer.finish(), table.spec()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        rewrite.commit();
    }

    static void commit(BaseTable table, List<GenericRecord> rows) {
        LocalDate day = LocalDate.parse("2026-01-01");
        boolean raw = table.schema().findField("ingestion_date") != null;
        String partition = raw ? "ingestion_date=" + day : "";
        String location = table.location() + "/" + (raw ? partition : "data") + "/run_id=" + UUID.randomUUID()
                + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, partition)) {
            for (GenericRecord row : rows) {
                if (raw) {
                    row.setField("ingestion_date", day);
                }
                writer.write(row);
            }
            table.newAppend()
                    .appendFile(WrittenFiles.toDataFile(writer.finish(), table.spec()))
                    .commit();
        }
    }

    /// One file and one commit of rows that are filled in one by one.
    @SafeVarargs
    final void commitRows(String name, java.util.function.Consumer<GenericRecord>... rows) {
        BaseTable table = table(name);
        commit(
                table,
                Stream.of(rows)
                        .map(fill -> {
                            GenericRecord row = GenericRecord.create(table.schema());
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
        if (!catalog.tableExists(LakeCatalog.identifier(name))) {
            create(name, new Schema(Types.NestedField.optional(1, "name", Types.StringType.get())), "", Map.of());
        }
        BaseTable table = table(name);
        var transaction = table.newTransaction();
        var overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
        String location = table.location() + "/data/run_id=" + UUID.randomUUID() + "/part-0000.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, "")) {
            for (String value : names(input)) {
                GenericRecord row = writer.newRow();
                row.setField("name", value);
                writer.write(row);
            }
            overwrite.addFile(WrittenFiles.toDataFile(writer.finish(), table.spec()));
        }
        overwrite.commit();
        transaction
                .updateProperties()
                .set(
                        TableProperties.INPUT + input,
                        Long.toString(
                                io.levada.lake.ContentSnapshot.id(table(input).currentSnapshot())))
                .commit();
        transaction.commitTransaction();
    }

    List<String> names(String name) {
        List<String> names = new ArrayList<>();
        try (CloseableIterable<Record> rows = IcebergGenerics.read(table(name)).build()) {
            rows.forEach(row -> names.add(String.valueOf(row.getField("name"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /// `op`, position, id and name of all rows of [#RAW], by position.
    List<String> history() {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records =
                IcebergGenerics.read(table(RAW)).build()) {
            records.forEach(row -> rows.add(String.join(
                    " ",
                    String.valueOf(row.getField("_pos")).replaceFirst("0-0*", ""),
                    String.valueOf(row.getField("_op")),
                    String.valueOf(row.getField("id")),
                    String.valueOf(row.getField("name")))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows.stream().sorted().toList();
    }

    /// The files below the lake that hold a text: Parquet files in one of their values, others anywhere.
    List<String> filesWith(String text) throws IOException, SQLException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root());
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".parquet") ? parquetHas(duckdb, file, text) : bytesHave(file, text)) {
                    found.add(root().relativize(file).toString());
                }
            }
        }
        return found;
    }

    private static boolean parquetHas(Connection duckdb, Path file, String text) throws SQLException {
        try (Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*) FROM read_parquet('%s', hive_partitioning = false) t WHERE t::VARCHAR LIKE '%%%s%%'"
                                .formatted(file, text))) {
            rows.next();
            return rows.getLong(1) > 0;
        }
    }

    /// Manifests are read as they are without compression.
    private static boolean bytesHave(Path file, String text) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (file.toString().endsWith(".avro")) {
            StringBuilder all = new StringBuilder();
            try (var reader = new org.apache.avro.file.DataFileReader<>(
                    file.toFile(), new org.apache.avro.generic.GenericDatumReader<>())) {
                for (Object entry : reader) {
                    collect(entry, all);
                }
            }
            return all.indexOf(text) >= 0;
        }
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).contains(text);
    }

    private static void collect(@Nullable Object value, StringBuilder all) {
        switch (value) {
            case null -> {}
            case org.apache.avro.generic.GenericRecord record ->
                record.getSchema().getFields().forEach(field -> collect(record.get(field.pos()), all));
            case java.util.Collection<?> list -> list.forEach(item -> collect(item, all));
            case Map<?, ?> map -> map.values().forEach(item -> collect(item, all));
            case java.nio.ByteBuffer bytes ->
                all.append(java.nio.charset.StandardCharsets.ISO_8859_1.decode(bytes.duplicate()))
                        .append('\n');
            default -> all.append(value).append('\n');
        }
    }

    /// How many snapshots a table has.
    int snapshots(String name) {
        Table table = table(name);
        int count = 0;
        for (var _ : table.snapshots()) {
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
