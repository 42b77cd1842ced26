package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What MySQL 9.7 answers for the same values; `BinlogTypesIT` asks one where it is.
class MySqlJsonTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "0.1, 0.1",
        "123456789012345, 123456789012345.0",
        "1e15, 1e15",
        "1e23, 1e23",
        "-2.5e-20, -2.5e-20",
        "0.00000000000015, 0.00000000000015",
        "1e-15, 0.000000000000001",
        "1e-16, 1e-16",
        "1.7976931348623157e308, 1.7976931348623157e308",
    })
    void writesDoublesAsMySqlDoes(double value, String text) {
        byte[] binary = ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0x0b)
                .putDouble(value)
                .array();

        assertThat(MySqlJsonText.of(binary)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"12, 34, 56, 7, 12:34:56.000007", "0, 0, 1, 0, 00:00:01.000000", "838, 59, 59, 0, 838:59:59.000000"})
    void writesTimesOfBothSigns(long hour, long minute, long second, long micros, String text) {
        long packed = (hour << 12 | minute << 6 | second) << 24 | micros;

        assertThat(MySqlJsonText.of(time(packed))).isEqualTo('"' + text + '"');
        assertThat(MySqlJsonText.of(time(-packed))).isEqualTo("\"-" + text + '"');
    }

    private static byte[] time(long packed) {
        return ByteBuffer.allocate(11)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {0x0f, 0x0b, 8})
                .putLong(packed)
                .array();
    }

    @Test
    void writesASpaceAfterCommasAndColons() {
        // {"a": [1, true], "b": null}
        byte[] binary = HexFormat.of()
                .parseHex("00" + "0200" + "2000" + "1200" + "0100" + "1300" + "0100" + "02" + "1400" + "04" + "0000"
                        + "61" + "62" + "0200" + "0c00" + "05" + "0100" + "04" + "0100");

        assertThat(MySqlJsonText.of(binary)).isEqualTo("{\"a\": [1, true], \"b\": null}");
    }

    @Test
    void escapesWhatAStringMayNotHold() {
        byte[] content = "q\" b\\ n\n u\u001f ü/".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] binary = ByteBuffer.allocate(2 + content.length)
                .put((byte) 0x0c)
                .put((byte) content.length)
                .put(content)
                .array();

        assertThat(MySqlJsonText.of(binary)).isEqualTo("\"q\\\" b\\\\ n\\n u\\u001f ü/\"");
    }

    @Test
    void takesTheEmptyValueForNull() {
        assertThat(MySqlJsonText.of(new byte[0])).isEqualTo("null");
    }

    @Test
    void refusesWhatIsCutOff() {
        assertThatThrownBy(() -> MySqlJsonText.of(new byte[] {0x0b, 1, 2}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
