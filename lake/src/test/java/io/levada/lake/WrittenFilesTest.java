package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.WrittenFile;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "name", Types.StringType.get()),
            Types.NestedField.optional(2, "year", Types.IntegerType.get()),
            Types.NestedField.optional(3, "day", Types.DateType.get()),
            Types.NestedField.optional(4, "price", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(5, "good", Types.BooleanType.get()),
            Types.NestedField.optional(6, "at", Types.TimestampType.withZone()));

    @TempDir
    private Path directory;

    private DataFile carried(@Nullable Object... values) {
        Table table = new TestTables(directory)
                .create("parts-" + System.nanoTime(), SCHEMA, List.of("name", "year", "day", "price", "good", "at"));
        PartitionData partition = new PartitionData(table.spec().partitionType());
        for (int i = 0; i < values.length; i++) {
            partition.set(i, values[i]);
        }
        String location = table.location() + "/x.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, "")) {
            writer.write(writer.newRow());
            writer.finish();
        }
        WrittenFile file = WrittenFiles.ofParquet(location, table, partition);
        return WrittenFiles.toDataFile(file, table.spec());
    }

    private static List<@Nullable Object> values(DataFile file) {
        return Arrays.asList(
                file.partition().get(0, Object.class),
                file.partition().get(1, Object.class),
                file.partition().get(2, Object.class),
                file.partition().get(3, Object.class),
                file.partition().get(4, Object.class),
                file.partition().get(5, Object.class));
    }

    @Test
    void carriesPartitionValuesOfAllKinds() {
        int day = (int) LocalDate.of(2026, 11, 21).toEpochDay();

        DataFile file = carried("a/b = c%+é", 2026, day, new BigDecimal("-1.50"), true, 1_700_000_000_123_456L);

        assertThat(values(file))
                .containsExactly("a/b = c%+é", 2026, day, new BigDecimal("-1.50"), true, 1_700_000_000_123_456L);
    }

    @Test
    void tellsNullFromTheWordNullAndFromTheEmptyString() {
        assertThat(values(carried(null, null, null, null, null, null)))
                .containsExactly(null, null, null, null, null, null);
        assertThat(values(carriedName("null"))).first().isEqualTo("null");
        assertThat(values(carriedName(""))).first().isEqualTo("");
    }

    private DataFile carriedName(String name) {
        return carried(name, null, null, null, null, null);
    }

    @Test
    void describesAFileOfAnotherWriterFromItsFooter() {
        Table table = new TestTables(directory).create("plain", SCHEMA, List.of());
        String location = table.location() + "/y.parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, "")) {
            org.apache.iceberg.data.GenericRecord row = writer.newRow();
            row.setField("year", 2026);
            writer.write(row);
            writer.finish();
        }

        WrittenFile file = WrittenFiles.ofParquet(location, table, null);

        assertThat(file.rows()).isEqualTo(1);
        assertThat(file.partition()).isEmpty();
        assertThat(file.metrics().valueCounts()).containsEntry(2, 1L);
        assertThat(file.metrics().nullValueCounts()).containsEntry(1, 1L);
        assertThat(Map.copyOf(file.metrics().lowerBounds())).containsKey(2);
    }
}
