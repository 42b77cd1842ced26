package io.levada.ingest.capture;

import io.debezium.data.SpecialValueDecimal;
import io.debezium.data.VariableScaleDecimal;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/// Debezium's values as values of the lake's types (Iceberg's generic Java representations).
///
/// Expects the settings of [DebeziumSettings]: precise decimals, microseconds, bytes.
final class ConnectValues {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private ConnectValues() {}

    /// @throws IllegalArgumentException where the value does not fit the type; nothing is rounded or cut
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
            case DECIMAL -> decimal(value, (Types.DecimalType) type);
            case DATE -> LocalDate.ofEpochDay(((Number) value).longValue());
            case TIME -> LocalTime.ofNanoOfDay(((Number) value).longValue() * 1_000);
            case TIMESTAMP ->
                ((Types.TimestampType) type).shouldAdjustToUTC()
                        ? OffsetDateTime.parse((String) value).withOffsetSameInstant(ZoneOffset.UTC)
                        : timestamp(((Number) value).longValue());
            case UUID -> UUID.fromString((String) value);
            case BINARY -> bytes(value);
            case STRING -> text(value);
            case LIST -> list((List<?>) value, ((Types.ListType) type).elementType());
            default -> throw new IllegalArgumentException("No conversion to " + type);
        };
    }

    private static BigDecimal decimal(Object value, Types.DecimalType type) {
        BigDecimal decimal = value instanceof Struct struct
                ? VariableScaleDecimal.toLogical(struct)
                        .getDecimalValue()
                        .orElseThrow(() -> new IllegalArgumentException("NaN and infinity do not fit " + type))
                : (BigDecimal) value;
        BigDecimal scaled = decimal.setScale(type.scale(), RoundingMode.UNNECESSARY);
        if (scaled.precision() > type.precision()) {
            throw new IllegalArgumentException("A number of " + scaled.precision() + " digits does not fit " + type);
        }
        return scaled;
    }

    private static LocalDateTime timestamp(long micros) {
        return LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, MICROS_PER_SECOND),
                (int) Math.floorMod(micros, MICROS_PER_SECOND) * 1_000,
                ZoneOffset.UTC);
    }

    private static ByteBuffer bytes(Object value) {
        return value instanceof byte[] array ? ByteBuffer.wrap(array) : (ByteBuffer) value;
    }

    private static String text(Object value) {
        return switch (value) {
            case String string -> string;
            case byte[] array -> new String(array, StandardCharsets.UTF_8);
            case ByteBuffer buffer ->
                StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
            case BigDecimal decimal -> decimal.toPlainString();
            case Struct struct -> number(struct);
            default ->
                throw new IllegalArgumentException(
                        "No text form of a " + value.getClass().getSimpleName());
        };
    }

    private static String number(Struct struct) {
        SpecialValueDecimal number = VariableScaleDecimal.toLogical(struct);
        return number.getDecimalValue().map(BigDecimal::toPlainString).orElseGet(number::toString);
    }

    private static List<@Nullable Object> list(List<?> values, Type element) {
        List<@Nullable Object> converted = new ArrayList<>(values.size());
        for (Object value : values) {
            converted.add(convert(value, element));
        }
        return converted;
    }

    /// An instant in microseconds as the lake's timestamptz.
    static OffsetDateTime timestamptz(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }
}
