package io.levada.lake.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.events.WrittenFile;
import io.levada.lake.ParquetFile;
import io.levada.lake.TestTables;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColumnarFileTest {
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
            Types.NestedField.optional(17, "op", Types.StringType.get()),
            Types.NestedField.optional(18, "load", Types.IntegerType.get()),
            Types.NestedField.optional(19, "at", Types.TimestampType.withZone()),
            Types.NestedField.optional(
                    20, "absent", Types.StructType.of(Types.NestedField.optional(23, "inner", Types.LongType.get()))),
            Types.NestedField.optional(21, "absent_list", Types.ListType.ofOptional(24, Types.StringType.get())));
    private static final int GIVEN = 16;
    private static final Map<String, Object> SHARED = Map.of("op", "r", "load", 3, "at", 1_700_000_000_000_000L);

    @TempDir
    private Path directory;

    /// How the values of a column come.
    private enum Shape {
        DISTINCT,
        FEW,
        MOSTLY_NULL,
        NEVER,
        AT_FIRST_FEW
    }

    @Test
    void writesWhatIcebergsOwnWriterWrites() throws SQLException {
        Table table = new TestTables(directory).create("all", ALL, List.of());
        Random random = new Random(7);

        for (Shape shape : Shape.values()) {
            List<List<@Nullable Object>> rows = rows(shape, 45_000, random);
            WrittenFile ours = columnar(table, shape + "-ours.parquet", rows, 500_000);
            WrittenFile theirs = generic(table, shape + "-theirs.parquet", rows);

            assertSame(ours, theirs);
        }
    }

    @Test
    void makesPagesAndRowGroupsOfLongValues() throws SQLException {
        Table table = new TestTables(directory).create("long", ALL, List.of());
        List<List<@Nullable Object>> rows = rows(Shape.MOSTLY_NULL, 40, new Random(3));
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).set(12, Integer.toString(i % 3).repeat(300_000 * (i % 7)));
        }
        WrittenFile ours = columnar(table, "long-ours.parquet", rows, 1_000);
        WrittenFile theirs = generic(table, "long-theirs.parquet", rows);

        assertSame(ours, theirs);
        assertThat(ours.splitOffsets()).hasSizeGreaterThan(1);
    }

    @Test
    void writesNanAsIcebergsOwnWriterDoes() throws SQLException {
        Table table = new TestTables(directory).create("nan", ALL, List.of());
        List<List<@Nullable Object>> rows = rows(Shape.NEVER, 3, new Random(3));
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).set(3, i == 1 ? Float.NaN : -0.0f);
            rows.get(i).set(4, Double.NaN);
        }

        assertSame(columnar(table, "nan-ours.parquet", rows, 500_000), generic(table, "nan-theirs.parquet", rows));
    }

    @Test
    void refusesARowWithoutAllValues() {
        Table table = new TestTables(directory).create("part", ALL, List.of());
        try (ColumnarFile file = ColumnarFile.create(
                table,
                directory.resolve("part.parquet").toString(),
                "",
                Map.of(),
                List.of(new ColumnarFile.Column("int", false), new ColumnarFile.Column("long", false)),
                Map.of())) {
            file.columns()[0].addNumber(1);
            file.endRow();

            assertThatThrownBy(file::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Column long has 0 values for 1 rows");
        }
    }

    private static List<List<@Nullable Object>> rows(Shape shape, int count, Random random) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<@Nullable Object> row = new ArrayList<>();
            for (Types.NestedField field : ALL.columns().subList(0, GIVEN)) {
                boolean isNull = shape == Shape.NEVER || shape == Shape.MOSTLY_NULL && random.nextInt(10) != 0;
                boolean distinct = shape == Shape.DISTINCT || shape == Shape.AT_FIRST_FEW && i > 22_000;
                row.add(isNull ? null : value(field.type(), distinct ? random.nextLong() : random.nextInt(50) - 20));
            }
            rows.add(row);
        }
        return rows;
    }

    private static Object value(Type type, long seed) {
        return switch (type.typeId()) {
            case BOOLEAN -> seed % 2 == 0;
            case INTEGER -> (int) seed;
            case LONG -> seed;
            case FLOAT -> (float) (seed / 3.0);
            case DOUBLE -> seed / 3.0;
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                BigInteger most = BigInteger.TEN.pow(decimal.precision());
                yield new BigDecimal(
                        BigInteger.valueOf(seed)
                                .multiply(BigInteger.valueOf(seed | 1))
                                .remainder(most),
                        decimal.scale());
            }
            case DATE -> LocalDate.ofEpochDay(seed % 1_000_000);
            case TIME -> LocalTime.ofNanoOfDay(Math.floorMod(seed, 86_400_000_000L) * 1_000);
            case TIMESTAMP -> {
                Instant instant = Instant.EPOCH.plus(seed % 1_000_000_000_000_000L, ChronoUnit.MICROS);
                yield ((Types.TimestampType) type).shouldAdjustToUTC()
                        ? instant.atOffset(ZoneOffset.UTC)
                        : instant.atOffset(ZoneOffset.UTC).toLocalDateTime();
            }
            case STRING -> "ä text " + seed + " \uD83D\uDE00";
            case UUID -> new UUID(seed, ~seed);
            case BINARY -> ByteBuffer.wrap(BigInteger.valueOf(seed).toByteArray());
            case LIST -> Arrays.asList("a" + seed, null, "");
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    private WrittenFile columnar(Table table, String name, List<List<@Nullable Object>> rows, int rowGroupBytes) {
        List<Types.NestedField> fields = ALL.columns().subList(0, GIVEN);
        try (ColumnarFile file = ColumnarFile.create(
                table,
                directory.resolve(name).toString(),
                "",
                Map.of(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, Integer.toString(rowGroupBytes)),
                fields.stream()
                        .map(field -> new ColumnarFile.Column(
                                field.name(), field.name().equals("time")))
                        .toList(),
                SHARED)) {
            ValueColumn[] columns = file.columns();
            for (List<@Nullable Object> row : rows) {
                for (int i = 0; i < columns.length; i++) {
                    Object value = row.get(i);
                    if (value == null) {
                        columns[i].addNull();
                    } else {
                        give(columns[i], fields.get(i).type(), value);
                    }
                }
                file.endRow();
            }
            return file.finish();
        }
    }

    private static void give(ValueColumn column, Type type, Object value) {
        switch (value) {
            case Boolean bool -> column.addNumber(bool ? 1 : 0);
            case Integer number -> column.addNumber(number);
            case Long number -> column.addNumber(number);
            case Float number -> column.addNumber(Double.doubleToRawLongBits(number));
            case Double number -> column.addNumber(Double.doubleToRawLongBits(number));
            case BigDecimal number
            when ((Types.DecimalType) type).precision() <= 18 ->
                column.addNumber(number.unscaledValue().longValueExact());
            case BigDecimal number -> {
                byte[] digits = number.unscaledValue().toByteArray();
                byte[] padded = new byte[TypeUtil.decimalRequiredBytes(38)];
                Arrays.fill(padded, (byte) (number.signum() < 0 ? 0xff : 0));
                System.arraycopy(digits, 0, padded, padded.length - digits.length, digits.length);
                column.addBytes(padded, 0, padded.length);
            }
            case LocalDate date -> column.addNumber(date.toEpochDay());
            case java.time.OffsetDateTime at -> column.addNumber(micros(at.toInstant()));
            case java.time.LocalDateTime at -> column.addNumber(micros(at.toInstant(ZoneOffset.UTC)));
            case String text -> {
                byte[] utf8 = ("x" + text).getBytes(StandardCharsets.UTF_8);
                column.addBytes(utf8, 1, utf8.length - 1);
            }
            case UUID uuid ->
                column.addBytes(
                        ByteBuffer.allocate(16)
                                .putLong(uuid.getMostSignificantBits())
                                .putLong(uuid.getLeastSignificantBits())
                                .array(),
                        0,
                        16);
            case ByteBuffer bytes -> column.addBytes(bytes.array(), 0, bytes.array().length);
            default -> column.addValue(value);
        }
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private WrittenFile generic(Table table, String name, List<List<@Nullable Object>> rows) {
        try (ParquetFile<Record> writer = ParquetFile.create(
                table, directory.resolve(name).toString(), "", Map.of(), GenericParquetWriter::create)) {
            for (List<@Nullable Object> row : rows) {
                GenericRecord record = GenericRecord.create(ALL);
                for (int i = 0; i < GIVEN; i++) {
                    record.set(i, row.get(i));
                }
                record.setField("op", "r");
                record.setField("load", 3);
                record.setField(
                        "at",
                        Instant.EPOCH
                                .plus(1_700_000_000_000_000L, ChronoUnit.MICROS)
                                .atOffset(ZoneOffset.UTC));
                writer.write(record);
            }
            return writer.finish();
        }
    }

    private static void assertSame(WrittenFile ours, WrittenFile theirs) throws SQLException {
        assertThat(ours.bytes()).isEqualTo(Path.of(ours.path()).toFile().length());
        assertThat(ours.rows()).isEqualTo(theirs.rows());
        assertThat(ours.metrics().valueCounts()).isEqualTo(theirs.metrics().valueCounts());
        assertThat(ours.metrics().nullValueCounts()).isEqualTo(theirs.metrics().nullValueCounts());
        assertThat(ours.metrics().nanValueCounts()).isEqualTo(theirs.metrics().nanValueCounts());
        assertThat(ours.metrics().lowerBounds()).isEqualTo(theirs.metrics().lowerBounds());
        assertThat(ours.metrics().upperBounds()).isEqualTo(theirs.metrics().upperBounds());
        String ourRows = "SELECT file_row_number, * FROM read_parquet('" + ours.path() + "', file_row_number = true)";
        String theirRows = ourRows.replace(ours.path(), theirs.path());
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            assertThat(count(statement, "(" + ourRows + ") EXCEPT ALL (" + theirRows + ")"))
                    .isZero();
            assertThat(count(statement, "(" + theirRows + ") EXCEPT ALL (" + ourRows + ")"))
                    .isZero();
            assertThat(statistics(statement, ours)).isEqualTo(statistics(statement, theirs));
        }
    }

    private static long count(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT count(*) FROM (" + query + ")")) {
            result.next();
            return result.getLong(1);
        }
    }

    /// What the footers say of each column, over all row groups.
    private static List<String> statistics(Statement statement, WrittenFile file) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet result =
                statement.executeQuery("SELECT path_in_schema, sum(num_values), sum(stats_null_count), compression,"
                        + " type FROM parquet_metadata('" + file.path() + "') GROUP BY ALL ORDER BY 1")) {
            while (result.next()) {
                lines.add(result.getString(1) + " " + result.getLong(2) + " " + result.getLong(3) + " "
                        + result.getString(4) + " " + result.getString(5));
            }
        }
        return lines;
    }
}
