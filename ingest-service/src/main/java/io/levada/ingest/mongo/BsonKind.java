package io.levada.ingest.mongo;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.bson.BsonBinarySubType;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/// What the column of a field holds. A value of another type does not fit, and nothing is converted that would lose
/// anything of the value.
enum BsonKind {
    BOOLEAN(Types.BooleanType.get()),
    /// Integers of 32 and 64 bits, and doubles that are whole.
    LONG(Types.LongType.get()),
    /// Doubles, and integers that a double holds exactly.
    DOUBLE(Types.DoubleType.get()),
    /// Decimal128 and integers, as text: exponents and digits beyond the lake's decimals are kept.
    DECIMAL(Types.StringType.get()),
    STRING(Types.StringType.get()),
    /// 24 hexadecimal digits.
    OBJECT_ID(Types.StringType.get()),
    UUID(Types.UUIDType.get()),
    DATE(Types.TimestampType.withZone()),
    /// Binary data of the generic subtype.
    BINARY(Types.BinaryType.get()),
    /// Documents, arrays and everything else, as relaxed Extended JSON.
    JSON(Types.StringType.get());

    private static final long LARGEST_EXACT = 1L << 53;

    /// Engines hold a little less than the years that 64 bits of microseconds have.
    private static final int LAST_YEAR = 290_000;

    private final Type type;

    BsonKind(Type type) {
        this.type = type;
    }

    Type type() {
        return type;
    }

    /// The kind of a column that a value alone would have.
    static BsonKind of(BsonValue value) {
        return switch (value.getBsonType()) {
            case BOOLEAN -> BOOLEAN;
            case INT32, INT64 -> LONG;
            case DOUBLE -> DOUBLE;
            case DECIMAL128 -> DECIMAL;
            case STRING -> STRING;
            case OBJECT_ID -> OBJECT_ID;
            case DATE_TIME -> DATE;
            case BINARY -> {
                if (BsonText.isUuid(value.asBinary())) {
                    yield UUID;
                }
                yield value.asBinary().getType() == BsonBinarySubType.BINARY.getValue() ? BINARY : JSON;
            }
            default -> JSON;
        };
    }

    /// The value as the column holds it; null where it does not fit.
    @Nullable
    Object fit(BsonValue value) {
        return switch (this) {
            case BOOLEAN -> value.isBoolean() ? value.asBoolean().getValue() : null;
            case LONG -> whole(value);
            case DOUBLE -> floating(value);
            case DECIMAL -> decimal(value);
            case STRING -> value.isString() ? text(value.asString().getValue()) : null;
            case OBJECT_ID -> value.isObjectId() ? value.asObjectId().getValue().toHexString() : null;
            case UUID -> value.isBinary() && BsonText.isUuid(value.asBinary()) ? BsonText.uuid(value.asBinary()) : null;
            case DATE -> value.isDateTime() ? date(value.asDateTime().getValue()) : null;
            case BINARY ->
                of(value) == BINARY ? ByteBuffer.wrap(value.asBinary().getData()) : null;
            case JSON -> of(value) == JSON ? BsonText.relaxed(value) : null;
        };
    }

    private static @Nullable Object whole(BsonValue value) {
        if (value.isInt32() || value.isInt64()) {
            return value.asNumber().longValue();
        }
        if (!value.isDouble()) {
            return null;
        }
        double number = value.asDouble().getValue();
        boolean whole = number == Math.rint(number) && Math.abs(number) <= LARGEST_EXACT;
        return whole && !isNegativeZero(number) ? (long) number : null;
    }

    private static boolean isNegativeZero(double number) {
        return Double.doubleToRawLongBits(number) == Double.doubleToRawLongBits(-0.0);
    }

    private static @Nullable Object floating(BsonValue value) {
        if (value.isDouble()) {
            return value.asDouble().getValue();
        }
        if (!value.isInt32() && !value.isInt64()) {
            return null;
        }
        long number = value.asNumber().longValue();
        return number <= LARGEST_EXACT && number >= -LARGEST_EXACT ? (double) number : null;
    }

    private static @Nullable Object decimal(BsonValue value) {
        if (value.isDecimal128()) {
            return value.asDecimal128().getValue().toString();
        }
        return value.isInt32() || value.isInt64()
                ? Long.toString(value.asNumber().longValue())
                : null;
    }

    /// The character with number 0 is more than some engines take in a text.
    private static @Nullable Object text(String text) {
        return text.indexOf('\0') < 0 ? text : null;
    }

    private static @Nullable Object date(long millis) {
        OffsetDateTime date = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
        return Math.abs(date.getYear()) <= LAST_YEAR ? date : null;
    }
}
