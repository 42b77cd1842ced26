package io.levada.ingest.files;

import io.levada.ingest.files.TextShapes.Zone;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/// How a text is read as a value of a type: [TextShapes] tells by its bytes whether it holds one without loss,
/// [TextValues] makes it.
@FunctionalInterface
interface ValueForm {
    int MOST_DIGITS_OF_A_LONG = 18;

    /// Puts the value of the text from `from` to `to`, which is UTF-8, into the current cell of a batch.
    ///
    /// @return false where the text holds no value of the type; then nothing is put
    boolean read(byte[] text, int from, int to, RowBatch cell);

    /// @param lenient whether outer blanks, a plus sign and leading zeros are passed over, as where the
    ///     definition names the type
    /// @return empty for a type that no text is read as
    static Optional<ValueForm> of(Type type, boolean lenient) {
        return switch (type) {
            case Types.StringType _ -> Optional.of(ValueForm::string);
            case Types.BooleanType _ -> plain(lenient, ValueForm::bool);
            case Types.IntegerType _ -> number(lenient, integer(Integer.MAX_VALUE));
            case Types.LongType _ -> number(lenient, integer(Long.MAX_VALUE));
            case Types.DecimalType decimal -> number(lenient, decimal(decimal));
            case Types.FloatType _ -> number(lenient, ValueForm::singleFloat);
            case Types.DoubleType _ -> number(lenient, ValueForm::doubleFloat);
            case Types.DateType _ -> plain(lenient, ValueForm::day);
            case Types.TimeType _ -> plain(lenient, ValueForm::timeOfDay);
            case Types.TimestampType timestamp ->
                plain(lenient, timestamp.shouldAdjustToUTC() ? ValueForm::timestamptz : ValueForm::timestamp);
            case Types.UUIDType _ -> plain(lenient, ValueForm::uuid);
            case Types.BinaryType _ -> Optional.of(ValueForm::base64);
            default -> Optional.empty();
        };
    }

    /// Whether values of a type are numbers in a column of a file, not bytes.
    static boolean isNumber(Type type) {
        return switch (type) {
            case Types.StringType _, Types.UUIDType _, Types.BinaryType _ -> false;
            case Types.DecimalType decimal -> decimal.precision() <= MOST_DIGITS_OF_A_LONG;
            default -> true;
        };
    }

    private static Optional<ValueForm> plain(boolean lenient, ValueForm form) {
        return Optional.of(lenient ? stripped(form) : form);
    }

    private static Optional<ValueForm> number(boolean lenient, ValueForm form) {
        return Optional.of(
                lenient ? stripped((text, from, to, cell) -> withoutPlusAndZeros(form, text, from, to, cell)) : form);
    }

    private static boolean string(byte[] text, int from, int to, RowBatch cell) {
        cell.bytes(text, from, to);
        return true;
    }

    private static boolean bool(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isBoolean(text, from, to)) {
            return false;
        }
        cell.number(TextValues.bool(text, from, to));
        return true;
    }

    private static ValueForm integer(long most) {
        return (text, from, to, cell) -> {
            if (!TextShapes.isInteger(text, from, to, most)) {
                return false;
            }
            cell.number(TextValues.integer(text, from, to));
            return true;
        };
    }

    private static ValueForm decimal(Types.DecimalType type) {
        int precision = type.precision();
        int scale = type.scale();
        if (precision <= MOST_DIGITS_OF_A_LONG) {
            return (text, from, to, cell) -> {
                if (!TextShapes.isDecimal(text, from, to, precision, scale)) {
                    return false;
                }
                cell.number(TextValues.decimal(text, from, to, scale));
                return true;
            };
        }
        int width = TypeUtil.decimalRequiredBytes(precision);
        return (text, from, to, cell) -> {
            if (!TextShapes.isDecimal(text, from, to, precision, scale)) {
                return false;
            }
            cell.bytes(TextValues.bigDecimal(text, from, to, scale, width));
            return true;
        };
    }

    private static boolean singleFloat(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isFloating(text, from, to, true)) {
            return false;
        }
        cell.number(TextValues.floatBits(text, from, to));
        return true;
    }

    private static boolean doubleFloat(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isFloating(text, from, to, false)) {
            return false;
        }
        cell.number(TextValues.doubleBits(text, from, to));
        return true;
    }

    private static boolean day(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isDay(text, from, to)) {
            return false;
        }
        cell.number(TextValues.day(text, from));
        return true;
    }

    private static boolean timeOfDay(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isTimeOfDay(text, from, to)) {
            return false;
        }
        cell.number(TextValues.timeOfDay(text, from, to));
        return true;
    }

    private static boolean timestamp(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isTimestamp(text, from, to, Zone.NONE)) {
            return false;
        }
        cell.number(TextValues.timestamp(text, from, to));
        return true;
    }

    private static boolean timestamptz(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isTimestamp(text, from, to, Zone.ANY)) {
            return false;
        }
        cell.number(TextValues.timestamptz(text, from, to));
        return true;
    }

    private static boolean uuid(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isUuid(text, from, to)) {
            return false;
        }
        cell.bytes(TextValues.uuid(text, from));
        return true;
    }

    private static boolean base64(byte[] text, int from, int to, RowBatch cell) {
        if (!TextShapes.isBase64(text, from, to)) {
            return false;
        }
        cell.bytes(TextValues.base64(text, from, to));
        return true;
    }

    private static ValueForm stripped(ValueForm form) {
        return (text, from, to, cell) -> {
            int first = from;
            int end = to;
            while (first < end && text[first] == ' ') {
                first++;
            }
            while (end > first && text[end - 1] == ' ') {
                end--;
            }
            return form.read(text, first, end, cell);
        };
    }

    private static boolean withoutPlusAndZeros(ValueForm form, byte[] text, int from, int to, RowBatch cell) {
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
            return form.read(text, start + zeros, to, cell);
        }
        byte[] number = new byte[to - first - zeros + 1];
        number[0] = '-';
        System.arraycopy(text, first + zeros, number, 1, number.length - 1);
        return form.read(number, 0, number.length, cell);
    }
}
