package io.levada.ingest.binlog;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Values as MariaDB and MySQL write them as text, in UTC, as values of the lake's types.
final class BinlogText {
    private BinlogText() {}

    /// @throws IllegalArgumentException where the text has no exact counterpart, with a message that does not name it
    static @Nullable Object value(@Nullable String text, Type type) {
        if (text == null) {
            return null;
        }
        try {
            return switch (type.typeId()) {
                case BOOLEAN -> !text.equals("0");
                case INTEGER -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case DECIMAL -> decimal(new BigDecimal(text), (Types.DecimalType) type);
                case DATE -> LocalDate.parse(text);
                case TIMESTAMP -> timestamp(text, (Types.TimestampType) type);
                case UUID -> UUID.fromString(text);
                case STRING -> text;
                default -> throw new IllegalArgumentException("No conversion to " + type);
            };
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(noDate(), e);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("The value has no exact counterpart as " + type, e);
        }
    }

    static String noDate() {
        return "A date with a zero year, month or day, or that no calendar has, has no counterpart";
    }

    static BigDecimal decimal(BigDecimal number, Types.DecimalType type) {
        BigDecimal value = number.setScale(type.scale(), RoundingMode.UNNECESSARY);
        if (value.precision() > type.precision()) {
            throw new IllegalArgumentException("A number of " + value.precision() + " digits does not fit " + type);
        }
        return value;
    }

    private static Object timestamp(String text, Types.TimestampType type) {
        LocalDateTime value = LocalDateTime.parse(text.replace(' ', 'T'));
        return type.shouldAdjustToUTC() ? value.atOffset(ZoneOffset.UTC) : value;
    }
}
