package io.levada.ingest.postgres.copy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
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
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;

/// Values of the lake's types from the text in which PostgreSQL writes its own, DateStyle ISO and TimeZone UTC.
///
/// Years before Christ and beyond 9999 are read. Infinity and whatever else has no exact counterpart is refused.
public final class PostgresText {
    private static final String BEFORE_CHRIST = " BC";
    private static final int ISO_DATE_LENGTH = 10;

    /// No year up to this one leaves the range of microseconds in 64 bits; not all of PostgreSQL's do.
    private static final int LAST_SAFE_YEAR = 290_000;

    private PostgresText() {}

    /// @throws IllegalArgumentException where the text is no value of the type, with a message that does not name the
    ///     value; nothing is rounded or cut
    public static @Nullable Object value(@Nullable String text, Type type) {
        if (text == null) {
            return null;
        }
        try {
            return read(text, type);
        } catch (DateTimeException | ArithmeticException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("The value has no exact counterpart as " + type, e);
        }
    }

    private static Object read(String text, Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> text.equals("t");
            case INTEGER -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case DECIMAL -> decimal(text, (Types.DecimalType) type);
            case DATE -> date(text);
            case TIME -> time(text);
            case TIMESTAMP -> ((Types.TimestampType) type).shouldAdjustToUTC() ? timestamptz(text) : timestamp(text);
            case UUID -> UUID.fromString(text);
            case BINARY -> ByteBuffer.wrap(HexFormat.of().parseHex(text, 2, text.length()));
            case STRING -> text;
            case LIST -> list(text, ((Types.ListType) type).elementType());
            default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    }

    private static BigDecimal decimal(String text, Types.DecimalType type) {
        if (text.endsWith("NaN") || text.endsWith("Infinity")) {
            throw new IllegalArgumentException("NaN and infinity have no counterpart as " + type);
        }
        BigDecimal value = new BigDecimal(text).setScale(type.scale(), RoundingMode.UNNECESSARY);
        if (value.precision() > type.precision()) {
            throw new IllegalArgumentException("A number of " + value.precision() + " digits does not fit " + type);
        }
        return value;
    }

    private static LocalDate date(String text) {
        refuseInfinity(text);
        if (text.length() == ISO_DATE_LENGTH) {
            return LocalDate.parse(text);
        }
        boolean beforeChrist = text.endsWith(BEFORE_CHRIST);
        int month = text.indexOf('-') + 1;
        int year = Integer.parseInt(text, 0, month - 1, 10);
        return LocalDate.of(
                beforeChrist ? 1 - year : year,
                Integer.parseInt(text, month, month + 2, 10),
                Integer.parseInt(text, month + 3, month + 5, 10));
    }

    private static LocalTime time(String text) {
        if (text.startsWith("24:")) {
            throw new IllegalArgumentException("The time 24:00 has no counterpart as time");
        }
        return LocalTime.parse(text);
    }

    private static LocalDateTime timestamp(String text) {
        refuseInfinity(text);
        boolean beforeChrist = text.endsWith(BEFORE_CHRIST);
        int space = text.indexOf(' ');
        int end = beforeChrist ? text.length() - BEFORE_CHRIST.length() : text.length();
        LocalDateTime value = LocalDateTime.of(
                date(text.substring(0, space) + (beforeChrist ? BEFORE_CHRIST : "")),
                LocalTime.parse(text.substring(space + 1, end)));
        if (value.getYear() > LAST_SAFE_YEAR) {
            refuseOverflow(value);
        }
        return value;
    }

    private static OffsetDateTime timestamptz(String text) {
        refuseInfinity(text);
        int zone = text.indexOf("+00");
        if (zone < 0) {
            throw new IllegalArgumentException(
                    "A timestamp with time zone does not end in +00: the session is not in UTC");
        }
        return timestamp(text.substring(0, zone) + text.substring(zone + 3)).atOffset(ZoneOffset.UTC);
    }

    private static void refuseInfinity(String text) {
        if (text.endsWith("infinity")) {
            throw new IllegalArgumentException("Infinity has no counterpart as date or timestamp");
        }
    }

    private static void refuseOverflow(LocalDateTime value) {
        try {
            DateTimeUtil.microsFromTimestamp(value);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("The timestamp is beyond the lake's last one, in January 294247", e);
        }
    }

    /// A one-dimensional array literal: `{a,"b c",NULL}`.
    private static List<@Nullable Object> list(String text, Type element) {
        if (!text.startsWith("{") || text.startsWith("{{")) {
            throw new IllegalArgumentException("Only arrays of one dimension from 1 have a counterpart as list");
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
            values.add(!quoted && item.toString().equals("NULL") ? null : read(item.toString(), element));
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
