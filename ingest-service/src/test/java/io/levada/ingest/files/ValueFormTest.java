package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.sql.LakeSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueFormTest {
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
        String fits = form.fits().isEmpty() ? "true" : form.fits();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CASE WHEN " + fits + " THEN CAST(" + form.value()
                        + " AS VARCHAR) END FROM (SELECT " + LakeSession.literal(text) + " AS v)")) {
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

    @Test
    void readsNoTextAsNestedValues() {
        assertThat(ValueForm.of(Types.StructType.of(), "v", false)).isEmpty();
        assertThat(ValueForm.of(Types.ListType.ofOptional(1, Types.LongType.get()), "v", true))
                .isEmpty();
    }
}
