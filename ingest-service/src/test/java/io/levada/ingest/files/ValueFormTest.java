package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
        ValueForm form =
                ValueForm.of(Types.fromPrimitiveString(type), "v", declared).orElseThrow();
        byte[] bytes = ("," + text + ",").getBytes(UTF_8);
        if (form.check() != null && !form.check().fits(bytes, 1, bytes.length - 1)) {
            return null;
        }
        return query(
                "SELECT CAST(" + form.value() + " AS VARCHAR) FROM (SELECT " + LakeSession.literal(text) + " AS v)");
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
    void acceptsWhatItsPatternsSay(String type, String duckDbType, String seeds) throws SQLException, IOException {
        ValueForm form =
                ValueForm.of(Types.fromPrimitiveString(type), "v", false).orElseThrow();
        ValueForm.Check check = form.check();
        Set<String> texts = variations(seeds.split(","));
        String values = texts.stream()
                .map(text -> "(" + LakeSession.literal(text) + ")")
                .collect(Collectors.joining(", "));
        String relation = " FROM (VALUES " + values + ") AS texts(v) ";
        List<String> fitting = texts.stream()
                .filter(text -> {
                    byte[] bytes = ("0" + text + "0").getBytes(UTF_8);
                    return check != null && check.fits(bytes, 1, bytes.length - 1);
                })
                .sorted()
                .toList();

        String expected =
                query("SELECT string_agg(v, chr(10) ORDER BY v)" + relation + "WHERE " + condition(duckDbType));

        assertThat(fitting).hasSizeGreaterThan(7);
        assertThat(fitting).isEqualTo(List.of(expected.split("\n", -1)));
        assertThat(readAtOnce(form, fitting)).isEqualTo("true|" + fitting.size());
    }

    /// Whether texts read as values at once, as cells of a file, are what a cast makes of them, and how many are.
    private String readAtOnce(ValueForm form, List<String> texts) throws SQLException, IOException {
        Path file = directory.resolve("texts.csv");
        Files.writeString(file, String.join("\n", texts) + "\n");
        String read = "read_csv(" + LakeSession.literal(file.toString())
                + ", auto_detect = false, header = false, delim = ',', quote = '\"', columns = {v: '%s'})";
        return query("SELECT bool_and(" + form.value() + " IS NOT DISTINCT FROM "
                + form.value().replace("v", "text")
                + ") || '|' || count(" + form.value() + ") FROM " + read.formatted(form.cell())
                + " POSITIONAL JOIN (SELECT v AS text FROM " + read.formatted("VARCHAR") + ")");
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
        assertThat(ValueForm.of(Types.StructType.of(), "v", false)).isEmpty();
        assertThat(ValueForm.of(Types.ListType.ofOptional(1, Types.LongType.get()), "v", true))
                .isEmpty();
    }
}
