package io.levada.ingest.capture;

import io.debezium.connector.postgresql.PostgresValueConverter;
import io.levada.ingest.snapshot.PostgresText;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Debezium's values as values of the lake's types (Iceberg's generic Java representations).
///
/// Expects the settings of [DebeziumSettings]: numbers, timestamps and arrays by [LogText], microseconds, bytes.
final class ConnectValues {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;

    /// PostgreSQL's own first and last date. Debezium's numbers for infinity are outside.
    private static final long FIRST_DAY = LocalDate.of(-4713, 11, 24).toEpochDay();

    private static final long LAST_DAY = LocalDate.of(5_874_897, 12, 31).toEpochDay();

    private ConnectValues() {}

    /// @throws IllegalArgumentException where the value does not fit the type, with a message that does not name
    ///     the value; nothing is rounded or cut
    static @Nullable Object convert(@Nullable Object value, Type type) {
        if (value == null) {
            return null;
        }
        return switch (type.typeId()) {
            case BOOLEAN -> value;
            case INTEGER -> ((Number) value).intValue();
            case LONG -> ((Number) value).longValue();
            case FLOAT -> ((Number) value).floatValue();
            case DOUBLE -> ((Number) value).doubleValue();
            case DECIMAL -> PostgresText.value(number(value), type);
            case DATE -> date(((Number) value).longValue());
            case TIME -> time(((Number) value).longValue());
            case TIMESTAMP -> {
                LocalDateTime local = timestamp((String) value);
                yield ((Types.TimestampType) type).shouldAdjustToUTC() ? local.atOffset(ZoneOffset.UTC) : local;
            }
            case UUID -> UUID.fromString((String) value);
            case BINARY -> bytes(value);
            case STRING -> string(value);
            case LIST -> PostgresText.value((String) value, type);
            default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    }

    private static String number(Object value) {
        return value instanceof BigDecimal money ? money.toPlainString() : value.toString();
    }

    private static LocalDate date(long day) {
        if (day < FIRST_DAY || day > LAST_DAY) {
            throw new IllegalArgumentException("Infinity has no counterpart as date or timestamp");
        }
        return LocalDate.ofEpochDay(day);
    }

    private static LocalTime time(long micros) {
        if (micros >= MICROS_PER_DAY) {
            throw new IllegalArgumentException("The time 24:00 has no counterpart as time");
        }
        return LocalTime.ofNanoOfDay(micros * 1_000);
    }

    private static LocalDateTime timestamp(String text) {
        long micros;
        try {
            micros = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    text.endsWith("infinity")
                            ? "Infinity has no counterpart as date or timestamp"
                            : "The timestamp is beyond the lake's last one, in January 294247",
                    e);
        }
        return LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, MICROS_PER_SECOND),
                (int) Math.floorMod(micros, MICROS_PER_SECOND) * 1_000,
                ZoneOffset.UTC);
    }

    private static ByteBuffer bytes(Object value) {
        return value instanceof byte[] array ? ByteBuffer.wrap(array) : (ByteBuffer) value;
    }

    private static String string(Object value) {
        return switch (value) {
            case String string -> string;
            case byte[] array -> new String(array, StandardCharsets.UTF_8);
            case ByteBuffer buffer ->
                StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
            default ->
                throw new IllegalArgumentException(
                        "No text form of a " + value.getClass().getSimpleName());
        };
    }

    /// A value for people, whether the lake can hold it or not.
    static String text(Object value, Type type) {
        try {
            return textOf(value, type);
        } catch (ClassCastException _) {
            return value.toString();
        }
    }

    private static String textOf(Object value, Type type) {
        return switch (type.typeId()) {
            case DATE -> dateText(((Number) value).longValue());
            case TIME -> {
                long micros = ((Number) value).longValue();
                yield micros >= MICROS_PER_DAY
                        ? "24:00:00"
                        : LocalTime.ofNanoOfDay(micros * 1_000).toString();
            }
            case TIMESTAMP -> timestampText((String) value, ((Types.TimestampType) type).shouldAdjustToUTC());
            case BINARY -> {
                ByteBuffer buffer = bytes(value).duplicate();
                byte[] array = new byte[buffer.remaining()];
                buffer.get(array);
                yield "\\x" + HexFormat.of().formatHex(array);
            }
            default -> value instanceof byte[] || value instanceof ByteBuffer ? string(value) : value.toString();
        };
    }

    private static String dateText(long day) {
        LocalDate date = LocalDate.ofEpochDay(day);
        if (date.equals(PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE)) {
            return "infinity";
        }
        return date.equals(PostgresValueConverter.NEGATIVE_INFINITY_LOCAL_DATE) ? "-infinity" : date.toString();
    }

    private static String timestampText(String text, boolean zoned) {
        try {
            LocalDateTime local = timestamp(text);
            return zoned ? local.atOffset(ZoneOffset.UTC).toString() : local.toString();
        } catch (IllegalArgumentException _) {
            return text;
        }
    }

    /// An instant in microseconds as the lake's timestamptz.
    static OffsetDateTime timestamptz(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }
}
