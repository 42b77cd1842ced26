package io.levada.ingest.postgres.copy;

import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.columns.ValueColumn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// A column of a load: the SQL that yields it, and how its binary form becomes a value of the lake's type.
///
/// The values are those that [PostgresText] reads from the text form; nothing is rounded or cut.
public final class CopyColumn {
    private static final int MOST_DIGITS_OF_A_LONG = 18;
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    /// PostgreSQL counts from 2000-01-01.
    private static final int DAYS_TO_2000 = 10_957;

    private static final long MICROS_TO_2000 = DAYS_TO_2000 * MICROS_PER_DAY;

    private final String name;
    private final String expression;
    private final String postgresType;
    private final CopyType kind;
    private final Type type;
    private final UnaryOperator<String> rule;
    private final @Nullable CopyColumn element;

    private CopyColumn(String name, String expression, String postgresType, CopyType kind, Type type) {
        this(name, expression, postgresType, kind, type, UnaryOperator.identity());
    }

    private CopyColumn(
            String name, String expression, String postgresType, CopyType kind, Type type, UnaryOperator<String> rule) {
        this.rule = rule;
        this.name = name;
        this.expression = expression;
        this.postgresType = postgresType;
        this.kind = kind;
        this.type = type;
        this.element = kind == CopyType.ARRAY
                ? of(
                        name,
                        expression,
                        postgresType.substring(0, postgresType.length() - 2),
                        type.asListType().elementType())
                : null;
    }

    /// @param quoted the column's name in SQL
    /// @param postgresType the base type's name, such as `numeric`; of an array the element's with `[]`
    /// @param type the lake's
    public static CopyColumn of(String name, String quoted, String postgresType, Type type) {
        return CopyType.of(postgresType, type)
                .map(kind -> new CopyColumn(
                        name, postgresType.equals("money") ? quoted + "::numeric" : quoted, postgresType, kind, type))
                .orElseGet(() -> new CopyColumn(
                        name,
                        written(quoted),
                        postgresType,
                        type.typeId() == Type.TypeID.STRING ? CopyType.BYTES : CopyType.PARSED,
                        type));
    }

    /// A column of which something else is written than its value.
    ///
    /// @param rule of the text as PostgreSQL writes it
    public static CopyColumn ruled(String name, String quoted, UnaryOperator<String> rule) {
        return new CopyColumn(name, written(quoted), "", CopyType.RULED, Types.StringType.get(), rule);
    }

    /// What the type's output function gives. A cast to text does not: it cuts the blanks of char(n) and adds a
    /// mask to inet.
    private static String written(String quoted) {
        return "CASE WHEN num_nonnulls(" + quoted + ") = 1 THEN format('%s', " + quoted + ") END";
    }

    /// The same column for a table whose type is a wider one.
    CopyColumn as(Type wider) {
        return type.equals(wider) ? this : new CopyColumn(name, expression, postgresType, kind, wider, rule);
    }

    public String name() {
        return name;
    }

    /// The column of a file that it is given to.
    ColumnarFile.Column target() {
        return new ColumnarFile.Column(name, kind == CopyType.ARRAY || kind == CopyType.PARSED);
    }

    String expression() {
        return expression;
    }

    Type type() {
        return type;
    }

    CopyType kind() {
        return kind;
    }

    /// Decodes a field in its place.
    ///
    /// @throws IllegalArgumentException where the value has no exact counterpart in the lake, with a message that
    ///     does not name it
    void decode(CopyRow row, int i) {
        int length = row.lengths[i];
        if (length == CopyRow.NULL) {
            return;
        }
        byte[] bytes = row.bytes;
        int at = row.starts[i];
        switch (kind) {
            case BYTES -> {}
            case UUID -> {}
            case JSONB -> {
                row.starts[i] = at + 1;
                row.lengths[i] = length - 1;
            }
            case NUMERIC -> decimal(row, i);
            case ARRAY -> row.values[i] = list(bytes, at);
            case RULED -> row.values[i] = ruled(bytes, at, length).getBytes(StandardCharsets.UTF_8);
            case PARSED -> row.values[i] = PostgresText.value(utf8(bytes, at, length), type);
            default -> row.numbers[i] = number(bytes, at);
        }
    }

    /// Gives a decoded field to the column that takes it.
    void give(CopyRow row, int i, ValueColumn target) {
        if (row.isNull(i)) {
            target.addNull();
            return;
        }
        switch (kind) {
            case BOOL, INT2, INT4, INT8, OID, FLOAT4, FLOAT8, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
                target.addNumber(row.numbers[i]);
            case BYTES, JSONB, UUID -> target.addBytes(row.bytes, row.starts[i], row.lengths[i]);
            case RULED -> give((byte[]) java.util.Objects.requireNonNull(row.values[i]), target);
            case NUMERIC -> {
                if (((Types.DecimalType) type).precision() <= MOST_DIGITS_OF_A_LONG) {
                    target.addNumber(row.numbers[i]);
                } else {
                    give(unscaled((BigInteger) java.util.Objects.requireNonNull(row.values[i])), target);
                }
            }
            case ARRAY, PARSED -> target.addValue(row.values[i]);
        }
    }

    /// In the width of the lake's column.
    private byte[] unscaled(BigInteger value) {
        byte[] digits = value.toByteArray();
        byte[] padded = new byte[TypeUtil.decimalRequiredBytes(((Types.DecimalType) type).precision())];
        Arrays.fill(padded, 0, padded.length - digits.length, (byte) (digits[0] < 0 ? 0xff : 0));
        System.arraycopy(digits, 0, padded, padded.length - digits.length, digits.length);
        return padded;
    }

    private static void give(byte[] value, ValueColumn target) {
        target.addBytes(value, 0, value.length);
    }

    private void decimal(CopyRow row, int i) {
        Types.DecimalType decimal = (Types.DecimalType) type;
        try {
            if (decimal.precision() <= MOST_DIGITS_OF_A_LONG) {
                row.numbers[i] = CopyNumeric.unscaled(row.bytes, row.starts[i], decimal.precision(), decimal.scale());
            } else {
                row.values[i] = CopyNumeric.unscaledBig(row.bytes, row.starts[i], decimal.precision(), decimal.scale());
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("The value has no exact counterpart as " + type, e);
        }
    }

    private long number(byte[] bytes, int at) {
        return switch (kind) {
            case BOOL -> bytes[at];
            case INT2 -> CopyRow.int16(bytes, at);
            case INT4 -> CopyRow.int32(bytes, at);
            case INT8 -> CopyRow.int64(bytes, at);
            case OID -> CopyRow.int32(bytes, at) & 0xffffffffL;
            case FLOAT4 -> Double.doubleToRawLongBits(Float.intBitsToFloat(CopyRow.int32(bytes, at)));
            case FLOAT8 -> CopyRow.int64(bytes, at);
            case DATE -> day(CopyRow.int32(bytes, at));
            case TIME -> time(CopyRow.int64(bytes, at));
            case TIMESTAMP, TIMESTAMPTZ -> micros(CopyRow.int64(bytes, at));
            case NUMERIC, UUID, BYTES, JSONB, ARRAY, PARSED, RULED ->
                throw new IllegalStateException("Column " + name + " of type " + kind + " is no number");
        };
    }

    private static long day(int day) {
        if (day == Integer.MAX_VALUE || day == Integer.MIN_VALUE) {
            throw infinity();
        }
        return day + DAYS_TO_2000;
    }

    private static long time(long micros) {
        if (micros >= MICROS_PER_DAY) {
            throw new IllegalArgumentException("The time 24:00 has no counterpart as time");
        }
        return micros;
    }

    private static long micros(long micros) {
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            throw infinity();
        }
        if (micros > Long.MAX_VALUE - MICROS_TO_2000) {
            throw new IllegalArgumentException("The timestamp is beyond the lake's last one, in January 294247");
        }
        return micros + MICROS_TO_2000;
    }

    private static IllegalArgumentException infinity() {
        return new IllegalArgumentException("Infinity has no counterpart as date or timestamp");
    }

    /// An array of one dimension from 1 as Iceberg's generic list.
    private List<@Nullable Object> list(byte[] bytes, int at) {
        CopyArray array = CopyArray.read(bytes, at);
        if (!array.isPlain()) {
            throw new IllegalArgumentException("Only arrays of one dimension from 1 have a counterpart as list");
        }
        CopyColumn of = java.util.Objects.requireNonNull(element);
        List<@Nullable Object> values = new ArrayList<>(array.elements());
        CopyRow row = new CopyRow(1);
        row.bytes = bytes;
        int next = array.start();
        for (int i = 0; i < array.elements(); i++) {
            row.lengths[0] = CopyRow.int32(bytes, next);
            row.starts[0] = next + Integer.BYTES;
            next += Integer.BYTES + Math.max(0, row.lengths[0]);
            of.decode(row, 0);
            values.add(row.isNull(0) ? null : of.generic(row));
        }
        return values;
    }

    /// A decoded field in Iceberg's generic representation.
    private Object generic(CopyRow row) {
        return switch (type.typeId()) {
            case BOOLEAN -> row.numbers[0] != 0;
            case INTEGER -> (int) row.numbers[0];
            case LONG -> row.numbers[0];
            case FLOAT -> (float) Double.longBitsToDouble(row.numbers[0]);
            case DOUBLE -> Double.longBitsToDouble(row.numbers[0]);
            case DATE -> LocalDate.ofEpochDay(row.numbers[0]);
            case STRING -> utf8(row.bytes, row.starts[0], row.lengths[0]);
            case UUID -> uuid(row.bytes, row.starts[0]);
            case BINARY ->
                ByteBuffer.wrap(row.bytes, row.starts[0], row.lengths[0]).slice();
            case DECIMAL -> {
                int scale = ((Types.DecimalType) type).scale();
                yield row.values[0] instanceof BigInteger big
                        ? new BigDecimal(big, scale)
                        : BigDecimal.valueOf(row.numbers[0], scale);
            }
            default -> java.util.Objects.requireNonNull(PostgresText.value(CopyText.of(this, row, 0), type));
        };
    }

    /// What is written in place of a text.
    String ruled(byte[] bytes, int at, int length) {
        return rule.apply(utf8(bytes, at, length));
    }

    static UUID uuid(byte[] bytes, int at) {
        return new UUID(CopyRow.int64(bytes, at), CopyRow.int64(bytes, at + Long.BYTES));
    }

    static String utf8(byte[] bytes, int at, int length) {
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    @Nullable
    CopyColumn element() {
        return element;
    }
}
