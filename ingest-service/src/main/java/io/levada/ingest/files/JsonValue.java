package io.levada.ingest.files;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One value of a JSON record as the text that a column's value is read from, and what kinds of values that text can
/// be. Objects and arrays are their JSON text.
///
/// @param text null where there is no value
record JsonValue(@Nullable String text, Set<ColumnInference.Kind> kinds, int integerDigits, int scale) {
    /// A longer number in plain digits is left as it is written.
    private static final int MOST_PLAIN_SCALE = 100;

    private static final BigInteger EXACT_IN_DOUBLE = BigInteger.ONE.shiftLeft(53);
    private static final JsonValue NONE = new JsonValue(null, Set.of(), 0, 0);

    static JsonValue text(String text) {
        return of(text, Set.of());
    }

    static JsonValue of(String text, Set<ColumnInference.Kind> kinds) {
        return new JsonValue(text, kinds, 0, 0);
    }

    /// A value of plain JSON.
    static JsonValue plain(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return NONE;
        }
        if (node.isString()) {
            return text(node.stringValue());
        }
        if (node.isBoolean()) {
            return of(node.toString(), Set.of(ColumnInference.Kind.BOOLEAN));
        }
        if (node.isIntegralNumber()) {
            return integer(node.bigIntegerValue(), false);
        }
        return node.isNumber() ? decimal(node.decimalValue()) : text(node.toString());
    }

    /// @param beside whether the format has doubles, beside which whole numbers may stand
    static JsonValue integer(BigInteger value, boolean beside) {
        Set<ColumnInference.Kind> kinds = EnumSet.of(ColumnInference.Kind.DECIMAL);
        if (value.bitLength() < Long.SIZE) {
            kinds.add(ColumnInference.Kind.LONG);
        }
        if (beside && value.abs().compareTo(EXACT_IN_DOUBLE) <= 0) {
            kinds.add(ColumnInference.Kind.DOUBLE);
        }
        int digits = value.signum() == 0 ? 0 : value.abs().toString().length();
        return new JsonValue(value.toString(), kinds, digits, 0);
    }

    static JsonValue decimal(BigDecimal value) {
        if (Math.abs((long) value.scale()) > MOST_PLAIN_SCALE) {
            return text(value.toString());
        }
        BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
        int digits = Math.max(0, plain.precision() - plain.scale());
        return new JsonValue(
                plain.toPlainString(),
                Set.of(ColumnInference.Kind.DECIMAL),
                plain.signum() == 0 ? 0 : digits,
                plain.scale());
    }
}
