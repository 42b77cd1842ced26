package io.levada.ingest.files;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.util.Utf8;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Turns a value's text into what Iceberg's generic writer takes for its column; strings are Avro's `Utf8`, which that
/// writer passes on without decoding and encoding them. Never called with an empty range.
@FunctionalInterface
interface ValueParser {
    /// Given back for text that is not a value of the column's type.
    Object MISFIT = new Object();

    /// Given back for text that is not UTF-8.
    Object NOT_UTF8 = new Object();

    Object parse(byte[] bytes, int from, int to);

    /// The parser of a column.
    ///
    /// @param declared whether the definition names the type: then outer blanks, a plus sign and leading zeros are
    ///     dropped, which inference would not do
    /// @return empty for a type that text is not read as
    static Optional<ValueParser> of(Type type, boolean declared) {
        Optional<ValueParser> strict = of(type);
        return declared && type.typeId() != Type.TypeID.STRING ? strict.map(ValueParser::stripping) : strict;
    }

    private static Optional<ValueParser> of(Type type) {
        return switch (type) {
            case Types.StringType _ -> Optional.of(ValueParser::string);
            case Types.BooleanType _ -> Optional.of(ValueParser::bool);
            case Types.IntegerType _ -> Optional.of(ValueParser::integer);
            case Types.LongType _ -> Optional.of(ValueParser::longInteger);
            case Types.DecimalType decimal ->
                Optional.of(new DecimalParser(decimal.precision(), decimal.scale())::parse);
            case Types.FloatType _ -> Optional.of(ValueParser::singleFloat);
            case Types.DoubleType _ -> Optional.of(ValueParser::doubleFloat);
            case Types.DateType _ -> Optional.of(ValueParser::date);
            case Types.TimeType _ -> Optional.of(ValueParser::time);
            case Types.TimestampType timestamp ->
                Optional.of(timestamp.shouldAdjustToUTC() ? ValueParser::zonedTimestamp : ValueParser::timestamp);
            case Types.UUIDType _ -> Optional.of(ValueParser::uuid);
            default -> Optional.empty();
        };
    }

    private static ValueParser stripping(ValueParser parser) {
        return (bytes, from, to) -> {
            int start = from;
            int end = to;
            while (start < end && bytes[start] == ' ') {
                start++;
            }
            while (start < end && bytes[end - 1] == ' ') {
                end--;
            }
            if (start == end) {
                return MISFIT;
            }
            if (bytes[start] != '+' && bytes[start] != '-' && bytes[start] != '0') {
                return parser.parse(bytes, start, end);
            }
            boolean negative = bytes[start] == '-';
            int digits = negative || bytes[start] == '+' ? start + 1 : start;
            while (digits + 1 < end && bytes[digits] == '0' && ValueText.digit(bytes[digits + 1])) {
                digits++;
            }
            if (!negative) {
                Object whole = parser.parse(bytes, start, end);
                return whole == MISFIT && digits < end ? parser.parse(bytes, digits, end) : whole;
            }
            byte[] signed = new byte[end - digits + 1];
            signed[0] = '-';
            System.arraycopy(bytes, digits, signed, 1, end - digits);
            return parser.parse(signed, 0, signed.length);
        };
    }

    private static Object string(byte[] bytes, int from, int to) {
        return StrictUtf8.valid(bytes, from, to) ? new Utf8(Arrays.copyOfRange(bytes, from, to)) : NOT_UTF8;
    }

    private static Object bool(byte[] bytes, int from, int to) {
        int truth = ValueText.truth(bytes, from, to);
        return truth == ValueText.INVALID ? MISFIT : truth == 1;
    }

    private static Object integer(byte[] bytes, int from, int to) {
        Object value = longInteger(bytes, from, to);
        return value instanceof Long number && number.intValue() == number ? (Object) number.intValue() : MISFIT;
    }

    private static Object longInteger(byte[] bytes, int from, int to) {
        boolean negative = bytes[from] == '-';
        int start = negative ? from + 1 : from;
        int digits = to - start;
        if (digits < 1 || digits > 19 || digits > 1 && bytes[start] == '0') {
            return MISFIT;
        }
        long value = 0;
        for (int i = start; i < to; i++) {
            if (!ValueText.digit(bytes[i])) {
                return MISFIT;
            }
            value = value * 10 - (bytes[i] - '0');
        }
        // Nineteen digits are below 10^19, so a sum that left the range has wrapped to the other sign exactly once.
        if (digits == 19 && value > 0 || !negative && value == Long.MIN_VALUE) {
            return MISFIT;
        }
        return negative ? value : -value;
    }

    private static Object singleFloat(byte[] bytes, int from, int to) {
        Object value = doubleFloat(bytes, from, to);
        return value instanceof Double number ? (Object) number.floatValue() : value;
    }

    private static Object doubleFloat(byte[] bytes, int from, int to) {
        byte last = bytes[to - 1];
        if (!ValueText.digit(last) && last != '.') {
            return MISFIT;
        }
        try {
            double value = Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
            return Double.isInfinite(value) ? MISFIT : (Object) value;
        } catch (NumberFormatException _) {
            return MISFIT;
        }
    }

    private static Object date(byte[] bytes, int from, int to) {
        int day = to - from == 10 ? ValueText.epochDay(bytes, from) : ValueText.INVALID;
        return day == ValueText.INVALID ? MISFIT : LocalDate.ofEpochDay(day);
    }

    private static Object time(byte[] bytes, int from, int to) {
        long micros = ValueText.microOfDay(bytes, from, to);
        return micros < 0 ? MISFIT : LocalTime.ofNanoOfDay(micros * 1000);
    }

    private static Object timestamp(byte[] bytes, int from, int to) {
        if (to - from < 16 || bytes[from + 10] != 'T' && bytes[from + 10] != ' ') {
            return MISFIT;
        }
        int day = ValueText.epochDay(bytes, from);
        long micros = ValueText.microOfDay(bytes, from + 11, to);
        return day == ValueText.INVALID || micros < 0
                ? MISFIT
                : LocalDateTime.of(LocalDate.ofEpochDay(day), LocalTime.ofNanoOfDay(micros * 1000));
    }

    private static Object zonedTimestamp(byte[] bytes, int from, int to) {
        if (bytes[to - 1] == 'Z') {
            Object local = timestamp(bytes, from, to - 1);
            return local instanceof LocalDateTime time ? time.atOffset(ZoneOffset.UTC) : MISFIT;
        }
        int sign = to - 6;
        if (sign < from + 16 || bytes[sign] != '+' && bytes[sign] != '-') {
            return MISFIT;
        }
        Object local = timestamp(bytes, from, sign);
        if (!(local instanceof LocalDateTime time)) {
            return MISFIT;
        }
        try {
            return OffsetDateTime.of(time, ZoneOffset.of(new String(bytes, sign, 6, StandardCharsets.ISO_8859_1)))
                    .withOffsetSameInstant(ZoneOffset.UTC);
        } catch (DateTimeException _) {
            return MISFIT;
        }
    }

    private static Object uuid(byte[] bytes, int from, int to) {
        if (to - from != 36) {
            return MISFIT;
        }
        try {
            return UUID.fromString(new String(bytes, from, 36, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException _) {
            return MISFIT;
        }
    }

    /// Decimals of one precision and scale; digits beyond the scale must be zeros.
    record DecimalParser(int precision, int scale) {
        private static final int LONG_DIGITS = 18;

        Object parse(byte[] bytes, int from, int to) {
            boolean negative = bytes[from] == '-';
            int start = negative ? from + 1 : from;
            int point = start;
            while (point < to && ValueText.digit(bytes[point])) {
                point++;
            }
            int whole = point - start;
            int fraction = to - point - 1;
            boolean pointed = point < to;
            if (pointed && (bytes[point] != '.' || fraction < 1) || !pointed && whole == 0) {
                return MISFIT;
            }
            boolean leadingZero = whole > 0 && bytes[start] == '0';
            if (leadingZero && whole > 1 || (leadingZero ? 0 : whole) > precision - scale) {
                return MISFIT;
            }
            int kept = pointed ? Math.min(fraction, scale) : 0;
            for (int i = point + 1; i < to; i++) {
                if (!ValueText.digit(bytes[i]) || i > point + kept && bytes[i] != '0') {
                    return MISFIT;
                }
            }
            return whole + scale <= LONG_DIGITS
                    ? small(bytes, start, whole, kept, negative)
                    : large(bytes, start, whole, kept, negative);
        }

        private BigDecimal small(byte[] bytes, int start, int whole, int kept, boolean negative) {
            long value = 0;
            for (int i = start; i < start + whole; i++) {
                value = value * 10 + bytes[i] - '0';
            }
            for (int i = 0; i < scale; i++) {
                value = value * 10 + (i < kept ? bytes[start + whole + 1 + i] - '0' : 0);
            }
            return BigDecimal.valueOf(negative ? -value : value, scale);
        }

        private BigDecimal large(byte[] bytes, int start, int whole, int kept, boolean negative) {
            char[] digits = new char[whole + scale];
            for (int i = 0; i < digits.length; i++) {
                int at = i < whole ? start + i : start + 1 + i;
                digits[i] = i < whole + kept ? (char) bytes[at] : '0';
            }
            BigDecimal value = new BigDecimal(new BigInteger(new String(digits)), scale);
            return negative ? value.negate() : value;
        }
    }
}
