package io.levada.lake.columns;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.apache.iceberg.util.DecimalUtil;
import org.jspecify.annotations.Nullable;

/// Gives values in Iceberg's generic form to a column of a [ColumnarFile]. For one column.
public final class GenericValues {
    private static final int MOST_DIGITS_OF_A_LONG = 18;
    private static final int UUID_BYTES = 16;

    private final Type type;
    private final ValueColumn column;
    private final byte[] buffer;

    public GenericValues(Type type, ValueColumn column) {
        this.type = type;
        this.column = column;
        this.buffer = type instanceof Types.DecimalType decimal
                ? new byte[TypeUtil.decimalRequiredBytes(decimal.precision())]
                : new byte[type.typeId() == Type.TypeID.UUID ? UUID_BYTES : 0];
    }

    /// Gives one value.
    ///
    /// @throws ClassCastException where it is not of the type
    /// @throws IllegalArgumentException where it is a decimal of another scale or too many digits
    public void add(@Nullable Object value) {
        if (value == null) {
            column.addNull();
            return;
        }
        switch (type.typeId()) {
            case BOOLEAN -> column.addNumber((Boolean) value ? 1 : 0);
            case INTEGER -> column.addNumber((Integer) value);
            case LONG -> column.addNumber((Long) value);
            case FLOAT -> column.addNumber(Double.doubleToRawLongBits((Float) value));
            case DOUBLE -> column.addNumber(Double.doubleToRawLongBits((Double) value));
            case DATE -> column.addNumber(DateTimeUtil.daysFromDate((LocalDate) value));
            case TIME -> column.addNumber(DateTimeUtil.microsFromTime((LocalTime) value));
            case TIMESTAMP ->
                column.addNumber(
                        ((Types.TimestampType) type).shouldAdjustToUTC()
                                ? DateTimeUtil.microsFromTimestamptz((OffsetDateTime) value)
                                : DateTimeUtil.microsFromTimestamp((LocalDateTime) value));
            case DECIMAL -> decimal((BigDecimal) value, (Types.DecimalType) type);
            case STRING -> bytes(((CharSequence) value).toString().getBytes(StandardCharsets.UTF_8));
            case UUID -> uuid((UUID) value);
            case BINARY -> bytes((ByteBuffer) value);
            case FIXED -> bytes((byte[]) value);
            default -> column.addValue(value);
        }
    }

    private void decimal(BigDecimal value, Types.DecimalType decimal) {
        if (value.scale() != decimal.scale() || value.precision() > decimal.precision()) {
            throw new IllegalArgumentException("A decimal of " + value.precision() + " digits, " + value.scale()
                    + " of them after the point, is no " + decimal);
        }
        if (decimal.precision() <= MOST_DIGITS_OF_A_LONG) {
            column.addNumber(value.unscaledValue().longValueExact());
        } else {
            bytes(DecimalUtil.toReusedFixLengthBytes(decimal.precision(), decimal.scale(), value, buffer));
        }
    }

    private void uuid(UUID value) {
        ByteBuffer.wrap(buffer).putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
        bytes(buffer);
    }

    private void bytes(ByteBuffer value) {
        if (value.hasArray()) {
            column.addBytes(value.array(), value.arrayOffset() + value.position(), value.remaining());
        } else {
            byte[] copy = new byte[value.remaining()];
            value.duplicate().get(copy);
            bytes(copy);
        }
    }

    private void bytes(byte[] value) {
        column.addBytes(value, 0, value.length);
    }
}
