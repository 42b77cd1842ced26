package io.levada.ingest.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueParserTest {
    private static Object parse(String type, boolean declared, byte[] bytes) {
        return ValueParser.of(Types.fromPrimitiveString(type), declared)
                .orElseThrow()
                .parse(bytes, 0, bytes.length);
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
                "time|23:59:59.5|23:59:59.500",
                "timestamp|2010-12-01 08:26:00|2010-12-01T08:26",
                "timestamptz|2010-12-01T08:26:00.5Z|2010-12-01T08:26:00.500Z",
                "timestamptz|2010-12-01T01:26:00+02:00|2010-11-30T23:26Z",
                "uuid|123e4567-e89b-12d3-a456-426614174000|123e4567-e89b-12d3-a456-426614174000",
                "string|São Tomé|São Tomé",
            })
    void readsValues(String type, String text, String value) {
        assertThat(parse(type, false, text.getBytes(UTF_8))).hasToString(value);
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
                "double|NaN",
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
    void refusesWhatDoesNotFit(String type, String text) {
        assertThat(parse(type, false, text.getBytes(UTF_8))).isSameAs(ValueParser.MISFIT);
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
    void isLenientWhereTheDefinitionNamesTheType(String type, String text, String value) {
        assertThat(parse(type, true, text.getBytes(UTF_8))).hasToString(value);
    }

    @Test
    void tellsTextThatIsNotUtf8() {
        assertThat(parse("string", false, "caf\u00e9".getBytes(ISO_8859_1))).isSameAs(ValueParser.NOT_UTF8);
        assertThat(parse("string", false, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
                .isSameAs(ValueParser.NOT_UTF8);
        assertThat(parse("string", false, new byte[] {(byte) 0xc0, (byte) 0x80}))
                .isSameAs(ValueParser.NOT_UTF8);
    }

    @Test
    void readsNoTextAsBinaryOrNested() {
        assertThat(ValueParser.of(Types.BinaryType.get(), true)).isEmpty();
        assertThat(ValueParser.of(Types.StructType.of(), false)).isEmpty();
    }
}
