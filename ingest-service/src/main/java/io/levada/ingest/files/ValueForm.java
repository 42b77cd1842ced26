package io.levada.ingest.files;

import io.levada.ingest.files.TextShapes.Zone;
import io.levada.sql.DuckDbTypes;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// How a text is read as a value of a type: which texts hold a value of it without loss, told by their
/// bytes, and the value, in DuckDB's SQL.
///
/// @param check null where every text fits
/// @param cell the type as which DuckDB may read the text at once
/// @param value the value of a text that fits, or of what was read of it; any other fails the statement
record ValueForm(@Nullable Check check, String cell, String value) {
    static final String TEXT = "VARCHAR";

    /// Whether the text from `from` to `to`, which is UTF-8, holds a value.
    interface Check {
        boolean fits(byte[] text, int from, int to);
    }

    /// @param text an SQL expression
    /// @param lenient whether outer blanks, a plus sign and leading zeros are passed over, as where the
    ///     definition names the type
    /// @return empty for a type that no text is read as
    static Optional<ValueForm> of(Type type, String text, boolean lenient) {
        return switch (type) {
            case Types.StringType _ -> Optional.of(new ValueForm(null, TEXT, text));
            case Types.BooleanType _ -> plain(type, text, lenient, TextShapes::isBoolean);
            case Types.IntegerType _ -> integer(type, text, lenient, Integer.MAX_VALUE);
            case Types.LongType _ -> integer(type, text, lenient, Long.MAX_VALUE);
            case Types.DecimalType decimal ->
                number(
                        type,
                        text,
                        lenient,
                        (bytes, from, to) ->
                                TextShapes.isDecimal(bytes, from, to, decimal.precision(), decimal.scale()));
            case Types.FloatType _ ->
                number(type, text, lenient, (bytes, from, to) -> TextShapes.isFloating(bytes, from, to, true));
            case Types.DoubleType _ ->
                number(type, text, lenient, (bytes, from, to) -> TextShapes.isFloating(bytes, from, to, false));
            case Types.DateType _ -> plain(type, text, lenient, TextShapes::isDay);
            case Types.TimeType _ -> plain(type, text, lenient, TextShapes::isTimeOfDay);
            case Types.TimestampType timestamp -> {
                Zone zone = timestamp.shouldAdjustToUTC() ? Zone.ANY : Zone.NONE;
                yield plain(type, text, lenient, (bytes, from, to) -> TextShapes.isTimestamp(bytes, from, to, zone));
            }
            case Types.UUIDType _ -> plain(type, text, lenient, TextShapes::isUuid);
            case Types.BinaryType _ ->
                Optional.of(new ValueForm(TextShapes::isBase64, TEXT, "from_base64(" + text + ")"));
            default -> Optional.empty();
        };
    }

    private static Optional<ValueForm> plain(Type type, String text, boolean lenient, Check check) {
        return Optional.of(
                lenient
                        ? new ValueForm(stripped(check), TEXT, cast(stripped(text), type))
                        : new ValueForm(check, DuckDbTypes.of(type), cast(text, type)));
    }

    private static Optional<ValueForm> integer(Type type, String text, boolean lenient, long most) {
        return number(type, text, lenient, (bytes, from, to) -> TextShapes.isInteger(bytes, from, to, most));
    }

    private static Optional<ValueForm> number(Type type, String text, boolean lenient, Check check) {
        if (!lenient) {
            return plain(type, text, false, check);
        }
        String digits =
                "regexp_replace(regexp_replace(" + stripped(text) + ", '^\\+', ''), '^(-?)0+([0-9])', '\\1\\2')";
        Check lenientCheck = (bytes, from, to) -> fitsWithoutPlusAndZeros(check, bytes, from, to);
        return Optional.of(new ValueForm(stripped(lenientCheck), TEXT, cast(digits, type)));
    }

    private static String cast(String text, Type type) {
        return "CAST(" + text + " AS " + DuckDbTypes.of(type) + ")";
    }

    private static String stripped(String text) {
        return "trim(" + text + ", ' ')";
    }

    private static Check stripped(Check check) {
        return (text, from, to) -> {
            int first = from;
            int end = to;
            while (first < end && text[first] == ' ') {
                first++;
            }
            while (end > first && text[end - 1] == ' ') {
                end--;
            }
            return check.fits(text, first, end);
        };
    }

    private static boolean fitsWithoutPlusAndZeros(Check check, byte[] text, int from, int to) {
        int start = from < to && text[from] == '+' ? from + 1 : from;
        boolean negative = start < to && text[start] == '-';
        int first = negative ? start + 1 : start;
        int zeros = 0;
        while (first + zeros + 1 < to
                && text[first + zeros] == '0'
                && text[first + zeros + 1] >= '0'
                && text[first + zeros + 1] <= '9') {
            zeros++;
        }
        if (!negative || zeros == 0) {
            return check.fits(text, start + zeros, to);
        }
        byte[] number = new byte[to - first - zeros + 1];
        number[0] = '-';
        System.arraycopy(text, first + zeros, number, 1, number.length - 1);
        return check.fits(number, 0, number.length);
    }
}
