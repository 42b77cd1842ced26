package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.RawColumns;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import io.levada.lake.columns.ColumnarFile;
import io.levada.sql.LakeSession;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueFormTest {
    @TempDir
    Path directory = Path.of("unset");

    private final Connection connection;
    private int files;

    ValueFormTest() throws SQLException {
        this.connection = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    /// The value as text, or null where the text does not fit.
    private @Nullable String parse(String type, boolean declared, String text) throws SQLException {
        Read read = read(type, declared, Set.of(text));
        return read.fitting().isEmpty() ? null : query("SELECT CAST(v AS VARCHAR) FROM " + read.relation());
    }

    /// @param fitting the texts that hold a value of the type
    /// @param relation these and what was read of them, as `text` and `v`, from a file that was written
    private record Read(List<String> fitting, String relation) {}

    private Read read(String typeName, boolean declared, Set<String> texts) {
        Type type = Types.fromPrimitiveString(typeName);
        Table table = new LocalTables()
                .createOrEvolve(new TableSpec(
                        "raw.texts",
                        RawSchema.ofFiles(List.of(
                                new RawSchema.Column("text", Types.StringType.get()), new RawSchema.Column("v", type))),
                        List.of(RawColumns.INGESTION_DATE),
                        directory.resolve("table-" + files++).toString(),
                        Map.of()));
        RowPositions positions = new RowPositions(1);
        RowParts parts = new RowParts(table, "run", "texts.csv", positions, Clock.systemUTC());
        RowBatch batch = new RowBatch(
                List.of(Types.StringType.get(), type),
                List.of(
                        ValueForm.of(Types.StringType.get(), declared).orElseThrow(),
                        ValueForm.of(type, declared).orElseThrow()));
        List<String> fitting = new ArrayList<>();
        try (ColumnarFile part = parts.open(List.of("text", "v"))) {
            for (String text : new TreeSet<>(texts)) {
                byte[] bytes = ("0" + text + "0").getBytes(UTF_8);
                batch.beginRow();
                batch.take(0, bytes, 1, bytes.length - 1);
                if (batch.take(1, bytes, 1, bytes.length - 1)) {
                    fitting.add(text);
                    batch.endRow(fitting.size(), bytes.length);
                }
                if (batch.full()) {
                    batch.giveTo(part, part.columns(), positions.text());
                    batch.clear();
                }
            }
            batch.giveTo(part, part.columns(), positions.text());
            if (!fitting.isEmpty()) {
                parts.end(part);
            }
        }
        return new Read(
                fitting,
                parts.parts().stream()
                        .map(part -> "read_parquet(" + LakeSession.literal(part.path()) + ")")
                        .collect(Collectors.joining()));
    }

    private String query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "long|-12|-12",
                "long|9223372036854775807|9223372036854775807",
                "long|-9223372036854775808|-9223372036854775808",
                "int|2147483647|2147483647",
                "boolean|True|true",
                "decimal(18,2)|2.5|2.50",
                "decimal(18,2)|-0.05|-0.05",
                "decimal(18,2)|2.500|2.50",
                "decimal(4,2)|99.99|99.99",
                "decimal(38,2)|123456789012345678901234567890123456.5|123456789012345678901234567890123456.50",
                "decimal(20,0)|-12345678901234567890|-12345678901234567890",
                "double|1.5e3|1500.0",
                "float|0.5|0.5",
                "date|2024-02-29|2024-02-29",
                "date|0001-01-01|0001-01-01",
                "date|9999-12-31|9999-12-31",
                "date|1969-12-31|1969-12-31",
                "time|23:59:59.5|23:59:59.5",
                "timestamp|2010-12-01 08:26:00|2010-12-01 08:26:00",
                "timestamptz|2010-12-01T08:26:00.5Z|2010-12-01 08:26:00.5+00",
                "timestamptz|2010-12-01T01:26:00+02:00|2010-11-30 23:26:00+00",
                "binary|AP8=|\\x00\\xFF",
                "double|NaN|nan",
                "double|-Infinity|-inf",
                "uuid|123e4567-e89b-12d3-a456-426614174000|123e4567-e89b-12d3-a456-426614174000",
                "string|São Tomé|São Tomé",
            })
    void readsValues(String type, String text, String value) throws SQLException {
        assertThat(parse(type, false, text)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "long|9223372036854775808",
                "long|-9223372036854775809",
                "long|9999999999999999999",
                "long|12345678901234567890",
                "long|007",
                "long|+1",
                "long|1.0",
                "long|-",
                "long|x",
                "int|2147483648",
                "boolean|yes",
                "decimal(4,2)|100",
                "decimal(4,2)|1.234",
                "decimal(4,2)|1.",
                "decimal(4,2)|1.2x",
                "decimal(4,2)|.",
                "decimal(4,2)|-",
                "double|x",
                "double|nan",
                "date|0000-01-01",
                "date|infinity",
                "date|2024/01/01",
                "time|24:00:00",
                "timestamp|2024-01-01 24:00:00",
                "timestamp|2024-01-01 00:00:00.1234567",
                "boolean|1",
                "long|1e3",
                "long|1_000",
                "decimal(4,2)|1e1",
                "binary|a",
                "double|1e999",
                "date|2024-13-01",
                "date|2024-1-1",
                "date|2024-01-01x",
                "time|25:00",
                "timestamp|2024-01-01",
                "timestamp|2024-01-01 25:00:00",
                "timestamp|2024-01-01T00:00:00Z",
                "timestamptz|2024-01-01T00:00:00",
                "timestamptz|2024-01-01T00:00:00+99:00",
                "uuid|123e4567",
            })
    void refusesWhatDoesNotFit(String type, String text) throws SQLException {
        assertThat(parse(type, false, text)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "long| 007 |7",
                "long|+1|1",
                "long|-0012|-12",
                "decimal(18,2)|+0001.5|1.50",
                "double| 0.5|0.5",
                "date| 2024-01-01|2024-01-01",
                "string| 007 | 007 "
            })
    void isLenientWhereTheDefinitionNamesTheType(String type, String text, String value) throws SQLException {
        assertThat(parse(type, true, text)).isEqualTo(value);
    }

    /// What texts were accepted by when DuckDB told, as conditions in SQL: patterns, and a cast for the range.
    private static String condition(String type) {
        String day = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
        String time = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
        String offset = "(Z|[+-](0[0-9]|1[0-7]):[0-5][0-9]|[+-]18:00)";
        String matching = "regexp_full_match(v, '%s') AND TRY_CAST(v AS " + type + ") IS NOT NULL";
        return switch (type) {
            case "BOOLEAN" -> "lower(v) IN ('true', 'false')";
            case "INTEGER", "BIGINT" -> matching.formatted("-?(0|[1-9][0-9]*)");
            case "DECIMAL(7,3)" ->
                matching.formatted("-?((0|[1-9][0-9]*)(\\.[0-9]+)?|\\.[0-9]+)")
                        + " AND length(rtrim(split_part(v, '.', 2), '0')) <= 3";
            case "FLOAT", "DOUBLE" ->
                "v IN ('NaN', 'Infinity', '-Infinity') OR "
                        + matching.formatted("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?")
                        + " AND isfinite(TRY_CAST(v AS " + type + "))";
            case "DATE" -> "v >= '0001' AND " + matching.formatted(day);
            case "TIME" -> matching.formatted(time);
            case "TIMESTAMP" -> "v >= '0001' AND " + matching.formatted(day + "[T ]" + time);
            case "TIMESTAMPTZ" -> "v >= '0001' AND " + matching.formatted(day + "[T ]" + time + offset);
            case "UUID" -> matching.formatted("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
            default -> "regexp_full_match(v, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')";
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "boolean|BOOLEAN|true,FALSE,TruE,tru,false",
                "int|INTEGER|0,-1,2147483647,-2147483648,2147483648,00",
                "long|BIGINT|0,-1,9223372036854775807,-9223372036854775808,9223372036854775808,99999999999999999999",
                "decimal(7,3)|DECIMAL(7,3)|0,-1.5,.5,1234.567,12345,1.2340000000000000000000000000000000000000000,-0.001",
                "float|FLOAT|1.5,-2e3,1e38,4e38,+.5,5.,1e-50,NaN,Infinity,3.4028236e38",
                "double|DOUBLE|1.5,-2e3,1e308,2e308,+.5,5.,1e-400,NaN,-Infinity,1.7976931348623159e308",
                "date|DATE|2024-02-29,2023-02-28,1900-02-28,2000-02-29,9999-12-31,0001-01-01,2024-11-30",
                "time|TIME|23:59:59.999999,00:00,12:30:15,12:30:15.5",
                "timestamp|TIMESTAMP|2024-02-29 23:59:59.999999,2023-02-28T00:00,1900-02-28 12:30:15,0001-01-01T00:00:00.1",
                "timestamptz|TIMESTAMPTZ|2024-02-29 23:59:59.999999Z,2023-02-28T00:00+18:00,0001-01-01T00:00:00-17:59,9999-12-31T23:59:59.9-18:00",
                "uuid|UUID|123e4567-e89b-12d3-a456-426614174000,123E4567-E89B-12D3-A456-42661417400F",
                "binary|BLOB|AP8=,QUJD,QQ==,+/+/,QR==",
            })
    void acceptsWhatItsPatternsSayAndReadsWhatDuckDbReads(String type, String duckDbType, String seeds)
            throws SQLException {
        Set<String> texts = variations(seeds.split(","));
        String values = texts.stream()
                .map(text -> "(" + LakeSession.literal(text) + ")")
                .collect(Collectors.joining(", "));
        String relation = " FROM (VALUES " + values + ") AS texts(v) ";

        Read read = read(type, false, texts);

        String expected =
                query("SELECT string_agg(v, chr(10) ORDER BY v)" + relation + "WHERE " + condition(duckDbType));
        assertThat(read.fitting()).hasSizeGreaterThan(7);
        assertThat(read.fitting().stream().sorted()).containsExactlyElementsOf(List.of(expected.split("\n", -1)));
        assertThat(differences(read, "text", duckDbType)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int|INTEGER|  +0012 ,-0012,0,00,-00,+-7,2147483647,-0002147483648",
                "long|BIGINT|  +0012 ,-0012,0,00,-00,+-7,9223372036854775807,-009223372036854775808",
                "decimal(7,3)|DECIMAL(7,3)|  +001.50 ,-0012.345,00.5,-.5,+.125,0001234.567000",
                "decimal(38,9)|DECIMAL(38,9)|  +001.50 ,-0012.345,12345678901234567890123456789.123456789",
                "float|FLOAT|  +001.50 ,-0012.345e3,00.5,-.5,++5,1.17549435e-38,16777217",
                "double|DOUBLE|  +001.50 ,-0012.345e3,00.5,-.5,++5,2.2250738585072014e-308,9007199254740993",
            })
    void readsLenientlyWhatDuckDbReadsWithoutBlanksPlusAndZeros(String type, String duckDbType, String seeds)
            throws SQLException {
        String digits = "regexp_replace(regexp_replace(trim(text, ' '), '^\\+', ''), '^(-?)0+([0-9])', '\\1\\2')";

        Read read = read(type, true, variations(seeds.split(",")));

        assertThat(read.fitting()).hasSizeGreaterThan(100);
        assertThat(differences(read, digits, duckDbType)).isEmpty();
    }

    @Test
    void readsNumbersOfAnySizeAsDuckDbDoes() throws SQLException {
        Random random = new Random(11);
        Set<String> doubles = new TreeSet<>();
        Set<String> decimals = new TreeSet<>();
        for (int i = 0; i < 20_000; i++) {
            doubles.add(Double.toString(Double.longBitsToDouble(random.nextLong())));
            doubles.add(String.valueOf(random.nextFloat()));
            doubles.add(new BigDecimal(new BigInteger(1 + random.nextInt(120), random), random.nextInt(30))
                    .toPlainString());
            decimals.add((random.nextBoolean() ? "-" : "")
                    + new BigDecimal(new BigInteger(1 + random.nextInt(96), random), random.nextInt(9))
                            .toPlainString());
        }

        assertThat(differences(read("double", false, doubles), "text", "DOUBLE"))
                .isEmpty();
        assertThat(differences(read("float", false, doubles), "text", "FLOAT")).isEmpty();
        assertThat(differences(read("decimal(38,8)", false, decimals), "text", "DECIMAL(38,8)"))
                .isEmpty();
        assertThat(differences(read("decimal(18,4)", false, decimals), "text", "DECIMAL(18,4)"))
                .isEmpty();
        assertThat(differences(read("decimal(9,2)", false, decimals), "text", "DECIMAL(9,2)"))
                .isEmpty();
    }

    @Test
    void readsEveryDayAsDuckDbDoes() throws SQLException {
        Set<String> days = new TreeSet<>();
        for (LocalDate day = LocalDate.of(1, 1, 1); day.getYear() < 10_000; day = day.plusDays(13)) {
            days.add(day.toString());
        }
        for (LocalDate day = LocalDate.of(1896, 1, 1); day.getYear() < 2008; day = day.plusDays(1)) {
            days.add(day.toString());
        }

        Read read = read("date", false, days);

        assertThat(read.fitting()).hasSameSizeAs(days);
        assertThat(differences(read, "text", "DATE")).isEmpty();
    }

    /// The texts of which DuckDB makes another value, that differs in how it is written too.
    private String differences(Read read, String text, String duckDbType) throws SQLException {
        String value =
                duckDbType.equals("BLOB") ? "from_base64(" + text + ")" : "CAST(" + text + " AS " + duckDbType + ")";
        return query("SELECT coalesce(string_agg(text || ' is ' || CAST(v AS VARCHAR), ', '), '') FROM "
                + read.relation() + " WHERE v IS DISTINCT FROM " + value
                + " OR CAST(v AS VARCHAR) IS DISTINCT FROM CAST("
                + value + " AS VARCHAR) OR typeof(v) <> typeof(" + value + ")");
    }

    /// Texts that differ from seeds in one or a few places.
    private static Set<String> variations(String[] seeds) {
        Random random = new Random(7);
        String bytes = "0123456789012345678901234567890000+-..::TtZzeE aAfFxrul=/\u00e9\u2003";
        Set<String> texts = new TreeSet<>();
        for (String seed : seeds) {
            texts.add(seed);
            for (int i = 0; i < 1500; i++) {
                StringBuilder text = new StringBuilder(seed);
                for (int change = random.nextInt(3); change >= 0; change--) {
                    int at = random.nextInt(text.length() + 1);
                    String put = String.valueOf(bytes.charAt(random.nextInt(bytes.length())));
                    int end = Math.min(text.length(), at + random.nextInt(2));
                    text.replace(at, end, random.nextInt(4) == 0 ? "" : put);
                }
                texts.add(text.toString());
            }
        }
        return texts;
    }

    @Test
    void readsNoTextAsNestedValues() {
        assertThat(ValueForm.of(Types.StructType.of(), false)).isEmpty();
        assertThat(ValueForm.of(Types.ListType.ofOptional(1, Types.LongType.get()), true))
                .isEmpty();
    }
}
