package io.levada.transform.derived;

import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import io.levada.transform.TestLake;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A raw table of a test with the columns `id` (key) and `name`, filled as landing and loads fill it.
final class RawTable {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 21);
    private static final String OFFSETS = TableProperties.OFFSETS + "cluster.topic.0";

    private final TestLake lake;
    private final String name;
    private final List<Consumer<GenericRecord>> rows = new ArrayList<>();

    private RawTable(TestLake lake, String name) {
        this.lake = lake;
        this.name = name;
    }

    static RawTable create(TestLake lake, String name) {
        return create(lake, name, "[\"id\"]");
    }

    /// @param key as the table property has it; empty for none
    static RawTable create(TestLake lake, String name, String key) {
        List<RawSchema.Column> columns = List.of(
                new RawSchema.Column("id", Types.IntegerType.get()),
                new RawSchema.Column("name", Types.StringType.get()));
        lake.create(new TableSpec(
                name,
                RawSchema.ofChanges(columns, key.isEmpty() ? List.of() : List.of("id")),
                List.of(RawColumns.INGESTION_DATE),
                lake.layout().table(name),
                key.isEmpty() ? Map.of() : Map.of(TableProperties.KEY, key)));
        return new RawTable(lake, name);
    }

    RawTable loaded(int id, String text) {
        return row("r", 0, id, text, List.of(), null, 1);
    }

    RawTable inserted(long pos, int id, String text) {
        return row("c", pos, id, text, List.of(), null, null);
    }

    /// A change of key that does not send the name.
    RawTable moved(long pos, int from, int to) {
        return row("u", pos, to, null, List.of("name"), from, null);
    }

    RawTable deleted(long pos, int id) {
        return row("d", pos, id, null, List.of(), null, null);
    }

    private RawTable row(
            String op,
            long pos,
            int id,
            @Nullable String text,
            List<String> unchanged,
            @Nullable Integer oldId,
            @Nullable Integer load) {
        rows.add(row -> {
            row.setField("id", id);
            row.setField("name", text);
            row.setField(RawColumns.OP, op);
            row.setField(RawColumns.POS, pos(pos));
            row.setField(RawColumns.TS, OffsetDateTime.parse("2026-11-21T00:00:00Z"));
            row.setField(RawColumns.UNCHANGED, unchanged.isEmpty() ? null : unchanged);
            if (oldId != null) {
                GenericRecord oldKey = GenericRecord.create(
                        row.struct().field(RawColumns.OLD_KEY).type().asStructType());
                oldKey.setField("id", oldId);
                row.setField(RawColumns.OLD_KEY, oldKey);
            }
            row.setField(RawColumns.LOAD, load);
            row.setField(RawColumns.INGESTION_DATE, DAY);
        });
        return this;
    }

    /// Commits the rows since the last commit.
    void commit(Map<String, String> properties) {
        Table table = lake.load(name).orElseThrow();
        List<WrittenFile> files = new ArrayList<>();
        if (!rows.isEmpty()) {
            String file = LakeLayout.rawFile(table.location(), DAY, LakeLayout.newRunId(), 0);
            try (ParquetFileWriter writer =
                    ParquetFileWriter.create(table, file, RawColumns.INGESTION_DATE + "=" + DAY)) {
                for (Consumer<GenericRecord> row : rows) {
                    GenericRecord record = writer.newRow();
                    row.accept(record);
                    writer.write(record);
                }
                files.add(writer.finish());
            }
        }
        rows.clear();
        lake.append(name, files, properties);
    }

    /// Commits rows up to an offset.
    void commitTo(long offset) {
        commit(Map.of(OFFSETS, Long.toString(offset)));
    }

    /// Commits the rows of a load that was planned at `pos` and is complete once the stream is at `completeAt`.
    void commitLoad(int generation, long pos, long completeAt) {
        Map<String, String> properties = new HashMap<>();
        properties.put(TableProperties.LOAD_GENERATION, Integer.toString(generation));
        properties.put(TableProperties.LOAD_POS, pos(pos));
        properties.put(TableProperties.LOAD_COMPLETE_AT, Long.toString(completeAt));
        commit(properties);
    }

    static String pos(long sequence) {
        return "0001-%020d".formatted(sequence);
    }
}
