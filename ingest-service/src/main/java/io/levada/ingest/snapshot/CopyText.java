package io.levada.ingest.snapshot;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// PostgreSQL's COPY text format: rows into fields, and fields into values of the lake's types.
///
/// See "COPY, File Formats, Text Format" in PostgreSQL's manual. Expects DateStyle ISO and TimeZone UTC.
final class CopyText {
    private CopyText() {}

    /// The fields of one row; NULL is null.
    static @Nullable String[] fields(byte[] row, int columns) {
        String line = new String(row, 0, lengthWithoutNewline(row), StandardCharsets.UTF_8);
        @Nullable String[] fields = new String[columns];
        int start = 0;
        for (int i = 0; i < columns; i++) {
            int tab = line.indexOf('\t', start);
            int end = tab < 0 ? line.length() : tab;
            fields[i] = unescaped(line, start, end);
            start = end + 1;
        }
        return fields;
    }

    private static int lengthWithoutNewline(byte[] row) {
        return row.length > 0 && row[row.length - 1] == '\n' ? row.length - 1 : row.length;
    }

    private static @Nullable String unescaped(String line, int start, int end) {
        int backslash = line.indexOf('\\', start);
        if (backslash < 0 || backslash >= end) {
            return line.substring(start, end);
        }
        if (end - start == 2 && line.charAt(start + 1) == 'N') {
            return null;
        }
        StringBuilder text = new StringBuilder(end - start);
        for (int i = start; i < end; i++) {
            char c = line.charAt(i);
            text.append(c == '\\' ? escape(line.charAt(++i)) : c);
        }
        return text.toString();
    }

    private static char escape(char code) {
        return switch (code) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> '\u000b';
            default -> code;
        };
    }

    /// @throws IllegalArgumentException where the text is no value of the type; nothing is rounded or cut
    static @Nullable Object value(@Nullable String text, Type type) {
        if (text == null) {
            return null;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> text.equals("t");
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case DECIMAL -> decimal(text, (Types.DecimalType) type);
            case DATE -> LocalDate.parse(text);
            case TIME -> LocalTime.parse(text);
            case TIMESTAMP -> ((Types.TimestampType) type).shouldAdjustToUTC() ? timestamptz(text) : timestamp(text);
            case UUID -> UUID.fromString(text);
            case BINARY -> ByteBuffer.wrap(HexFormat.of().parseHex(text, 2, text.length()));
            case STRING -> text;
            case LIST -> list(text, ((Types.ListType) type).elementType());
            default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    }

    private static BigDecimal decimal(String text, Types.DecimalType type) {
        return new BigDecimal(text).setScale(type.scale(), RoundingMode.UNNECESSARY);
    }

    private static LocalDateTime timestamp(String text) {
        return LocalDateTime.parse(text.replace(' ', 'T'));
    }

    private static OffsetDateTime timestamptz(String text) {
        if (!text.endsWith("+00")) {
            throw new IllegalArgumentException(
                    "A timestamp with time zone does not end in +00: the session is not in UTC");
        }
        return timestamp(text.substring(0, text.length() - 3)).atOffset(ZoneOffset.UTC);
    }

    /// A one-dimensional array literal: `{a,"b c",NULL}`.
    private static List<@Nullable Object> list(String text, Type element) {
        if (!text.startsWith("{") || text.startsWith("{{")) {
            throw new IllegalArgumentException("Only arrays of one dimension from 1 are supported");
        }
        List<@Nullable Object> values = new ArrayList<>();
        int i = 1;
        while (text.charAt(i) != '}') {
            if (text.charAt(i) == ',') {
                i++;
            }
            StringBuilder item = new StringBuilder();
            boolean quoted = text.charAt(i) == '"';
            i = quoted ? quotedItem(text, i + 1, item) : plainItem(text, i, item);
            values.add(!quoted && item.toString().equals("NULL") ? null : value(item.toString(), element));
        }
        return values;
    }

    private static int quotedItem(String text, int start, StringBuilder item) {
        int i = start;
        while (text.charAt(i) != '"') {
            if (text.charAt(i) == '\\') {
                i++;
            }
            item.append(text.charAt(i++));
        }
        return i + 1;
    }

    private static int plainItem(String text, int start, StringBuilder item) {
        int i = start;
        while (text.charAt(i) != ',' && text.charAt(i) != '}') {
            item.append(text.charAt(i++));
        }
        return i;
    }
}
