package io.levada.ingest.binlog;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HexFormat;

/// MySQL's binary form of JSON as the text that MySQL itself writes, so that the log says what a query says.
///
/// Follows `Json_wrapper::to_string` of MySQL's sources: a space after each comma and colon, its own short form of
/// doubles, and text for what JSON has no form for.
final class MySqlJsonText implements JsonFormatter {
    private static final HexFormat HEX = HexFormat.of();
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(76, new byte[] {'\n'});

    /// Doubles with more digits before the point, or zeros behind it, are written with an exponent.
    private static final int PLAIN_DIGITS = 15;

    private final StringBuilder text = new StringBuilder();

    private MySqlJsonText() {}

    /// The library takes the parts of a negative time from a number that is rounded down.
    private static final class Binary extends JsonBinary {
        private static final int MICROSECOND_BITS = 24;

        Binary(byte[] bytes) {
            super(bytes);
        }

        @Override
        protected void parseTime(JsonFormatter formatter) throws IOException {
            long packed = readInt64();
            int sign = packed < 0 ? -1 : 1;
            long size = Math.abs(packed);
            long clock = size >> MICROSECOND_BITS;
            formatter.valueTime(
                    sign * (int) (clock >> 12 & 0x3ff),
                    sign * (int) (clock >> 6 & 0x3f),
                    sign * (int) (clock & 0x3f),
                    sign * (int) (size & 0xff_ffff));
        }
    }

    /// @throws IllegalArgumentException where the bytes are no JSON of MySQL
    static String of(byte[] binary) {
        if (binary.length == 0) {
            // What INSERT IGNORE leaves in a column that may not be NULL.
            return "null";
        }
        MySqlJsonText text = new MySqlJsonText();
        try {
            new Binary(binary).parse(text);
        } catch (IOException e) {
            throw new IllegalArgumentException("The JSON value can not be read", e);
        }
        return text.text.toString();
    }

    @Override
    public void beginObject(int numElements) {
        text.append('{');
    }

    @Override
    public void beginArray(int numElements) {
        text.append('[');
    }

    @Override
    public void endObject() {
        text.append('}');
    }

    @Override
    public void endArray() {
        text.append(']');
    }

    @Override
    public void name(String name) {
        quote(name);
        text.append(": ");
    }

    @Override
    public void nextEntry() {
        text.append(", ");
    }

    @Override
    public void value(String value) {
        quote(value);
    }

    @Override
    public void value(int value) {
        text.append(value);
    }

    @Override
    public void value(long value) {
        text.append(value);
    }

    @Override
    public void value(BigInteger value) {
        text.append(value);
    }

    @Override
    public void value(BigDecimal value) {
        text.append(value.toPlainString());
    }

    @Override
    public void value(boolean value) {
        text.append(value);
    }

    @Override
    public void valueNull() {
        text.append("null");
    }

    @Override
    public void value(double value) {
        if (value == 0) {
            text.append(1 / value < 0 ? "-0.0" : "0.0");
            return;
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = exact.unscaledValue().abs().toString();
        int point = exact.precision() - exact.scale();
        if (point >= 1 - PLAIN_DIGITS && point <= PLAIN_DIGITS) {
            text.append(exact.setScale(Math.max(1, exact.scale())).toPlainString());
            return;
        }
        text.append(value < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append('e').append(point - 1);
    }

    @Override
    public void valueYear(int year) {
        text.append(year);
    }

    @Override
    public void valueDate(int year, int month, int day) {
        text.append('"').append(date(year, month, day)).append('"');
    }

    @Override
    public void valueDatetime(int year, int month, int day, int hour, int min, int sec, int microSeconds) {
        text.append('"')
                .append(date(year, month, day))
                .append(' ')
                .append(time(hour, min, sec, microSeconds))
                .append('"');
    }

    @Override
    public void valueTime(int hour, int min, int sec, int microSeconds) {
        boolean negative = hour < 0 || min < 0 || sec < 0 || microSeconds < 0;
        text.append('"')
                .append(negative ? "-" : "")
                .append(time(Math.abs(hour), Math.abs(min), Math.abs(sec), Math.abs(microSeconds)))
                .append('"');
    }

    @Override
    public void valueTimestamp(long secondsPastEpoch, int microSeconds) {
        throw new IllegalArgumentException("The JSON value holds a timestamp by seconds, which MySQL does not write");
    }

    @Override
    public void valueOpaque(ColumnType type, byte[] value) {
        quote("base64:type" + type.getCode() + ":" + BASE64.encodeToString(value));
    }

    private static String date(int year, int month, int day) {
        return "%04d-%02d-%02d".formatted(year, month, day);
    }

    private static String time(int hour, int min, int sec, int microSeconds) {
        return "%02d:%02d:%02d.%06d".formatted(hour, min, sec, microSeconds);
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append("\\u00").append(HEX.toHexDigits((byte) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
