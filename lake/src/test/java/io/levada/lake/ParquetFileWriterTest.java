package io.levada.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.events.WrittenFile;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFileWriterTest {
    private static final Types.StructType KEY =
            Types.StructType.of(Types.NestedField.optional(21, "id", Types.LongType.get()));
    private static final Schema ALL = new Schema(
            Types.NestedField.optional(1, "bool", Types.BooleanType.get()),
            Types.NestedField.optional(2, "int", Types.IntegerType.get()),
            Types.NestedField.optional(3, "long", Types.LongType.get()),
            Types.NestedField.optional(4, "float", Types.FloatType.get()),
            Types.NestedField.optional(5, "double", Types.DoubleType.get()),
            Types.NestedField.optional(6, "small_decimal", Types.DecimalType.of(9, 2)),
            Types.NestedField.optional(7, "middle_decimal", Types.DecimalType.of(18, 4)),
            Types.NestedField.optional(8, "great_decimal", Types.DecimalType.of(38, 10)),
            Types.NestedField.optional(9, "date", Types.DateType.get()),
            Types.NestedField.optional(10, "time", Types.TimeType.get()),
            Types.NestedField.optional(11, "timestamp", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(12, "timestamptz", Types.TimestampType.withZone()),
            Types.NestedField.optional(13, "string", Types.StringType.get()),
            Types.NestedField.optional(14, "uuid", Types.UUIDType.get()),
            Types.NestedField.optional(15, "binary", Types.BinaryType.get()),
            Types.NestedField.optional(16, "list", Types.ListType.ofOptional(22, Types.StringType.get())),
            Types.NestedField.optional(17, "key", KEY));

    @TempDir
    private Path directory;

    private WrittenFile write(Table table, String name, String partition, List<Map<String, Object>> rows) {
        try (ParquetFileWriter writer =
                ParquetFileWriter.create(table, table.location() + "/" + name + ".parquet", partition)) {
            for (Map<String, Object> values : rows) {
                GenericRecord row = writer.newRow();
                values.forEach(row::setField);
                writer.write(row);
            }
            return writer.finish();
        }
    }

    private static List<List<Object>> duckDb(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet rows = statement.executeQuery(sql)) {
                List<List<Object>> read = new ArrayList<>();
                while (rows.next()) {
                    List<Object> row = new ArrayList<>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        row.add(rows.getObject(i));
                    }
                    read.add(row);
                }
                return read;
            }
        }
    }

    @Test
    void anotherEngineReadsEveryTypeBack() throws Exception {
        Table table = new TestTables(directory).create("all", ALL, List.of());
        GenericRecord key = GenericRecord.create(KEY);
        key.setField("id", 42L);
        UUID uuid = UUID.fromString("0190aaaa-0000-7000-8000-0000000000ff");

        WrittenFile file = write(
                table,
                "all",
                "",
                List.of(
                        Map.ofEntries(
                                Map.entry("bool", true),
                                Map.entry("int", Integer.MIN_VALUE),
                                Map.entry("long", Long.MAX_VALUE),
                                Map.entry("float", 1.5f),
                                Map.entry("double", Double.NaN),
                                Map.entry("small_decimal", new BigDecimal("-1234567.89")),
                                Map.entry("middle_decimal", new BigDecimal("99999999999999.9999")),
                                Map.entry("great_decimal", new BigDecimal("-1234567890123456789012345678.0123456789")),
                                Map.entry("date", LocalDate.of(1969, 12, 31)),
                                Map.entry("time", LocalTime.of(23, 59, 59, 123_456_000)),
                                Map.entry("timestamp", LocalDateTime.of(2026, 1, 2, 3, 4, 5, 678_901_000)),
                                Map.entry(
                                        "timestamptz",
                                        OffsetDateTime.of(1900, 1, 2, 3, 4, 5, 678_901_000, ZoneOffset.UTC)),
                                Map.entry("string", "Olá, \"mundo\"\n"),
                                Map.entry("uuid", uuid),
                                Map.entry("binary", ByteBuffer.wrap(new byte[] {0, -1, 7})),
                                Map.entry("list", Arrays.asList("a", null, "")),
                                Map.entry("key", key)),
                        Map.of()));

        String source = "read_parquet('" + file.path() + "')";
        assertThat(duckDb("SELECT bool, int, long, float, isnan(double), small_decimal::VARCHAR, "
                                + "middle_decimal::VARCHAR, great_decimal::VARCHAR, date::VARCHAR, time::VARCHAR, "
                                + "timestamp::VARCHAR, timestamptz::VARCHAR, string, uuid::VARCHAR, hex(\"binary\"), "
                                + "list::VARCHAR, key.id FROM " + source + " WHERE bool")
                        .getFirst())
                .containsExactly(
                        true,
                        Integer.MIN_VALUE,
                        Long.MAX_VALUE,
                        1.5f,
                        true,
                        "-1234567.89",
                        "99999999999999.9999",
                        "-1234567890123456789012345678.0123456789",
                        "1969-12-31",
                        "23:59:59.123456",
                        "2026-01-02 03:04:05.678901",
                        "1900-01-02 03:04:05.678901+00",
                        "Olá, \"mundo\"\n",
                        uuid.toString(),
                        "00FF07",
                        "[a, NULL, '']",
                        42L);
        assertThat(duckDb("SELECT count(*) FROM " + source + " WHERE COLUMNS(*) IS NULL"))
                .containsExactly(List.of(1L));
        for (Types.NestedField field : ALL.columns()) {
            assertThat(duckDb("SELECT field_id FROM parquet_schema('" + file.path() + "') WHERE name = '" + field.name()
                            + "' AND field_id = " + field.fieldId()))
                    .as(field.name())
                    .hasSize(1);
        }
    }

    @Test
    void describesWhatItWrote() throws Exception {
        Table table = new TestTables(directory).create("metrics", ALL, List.of());

        WrittenFile file = write(
                table,
                "metrics",
                "",
                List.of(
                        Map.of("long", 5L, "double", Double.NaN, "string", "b"),
                        Map.of("long", 3L, "double", 2.0),
                        Map.of()));

        assertThat(file.rows()).isEqualTo(3);
        assertThat(file.bytes()).isEqualTo(Files.size(Path.of(file.path())));
        assertThat(file.metrics().valueCounts()).containsEntry(3, 3L);
        assertThat(file.metrics().nullValueCounts()).containsEntry(3, 1L).containsEntry(13, 2L);
        assertThat(file.metrics().nanValueCounts()).containsEntry(5, 1L);
        assertThat(WrittenFiles.toDataFile(file, table.spec()).lowerBounds().get(3))
                .isEqualTo(ByteBuffer.wrap(new byte[] {3, 0, 0, 0, 0, 0, 0, 0}));
    }

    @Test
    void writesOverNoFile() {
        Table table = new TestTables(directory).create("once", ALL, List.of());
        write(table, "once", "", List.of());

        assertThatThrownBy(() -> write(table, "once", "", List.of())).isInstanceOf(AlreadyExistsException.class);
    }
}
