package io.levada.ingest.files;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The narrowest type that holds every value of a column without loss.
///
/// Whole numbers are long or decimal, fractions decimal, never double; numbers with leading zeros, text with outer
/// blanks and dates mixed with timestamps stay strings; so does a column without a value. Empty values count nowhere.
final class ColumnInference {
    private static final int LEAST_PRECISION = 18;
    private static final int MOST_PRECISION = 38;

    private final ValueText text = new ValueText();
    private int types = ValueText.ANY;
    private boolean anyValue;
    private int integerDigits;
    private int scale;

    void add(byte[] bytes, int from, int to) {
        if (to == from || types == 0) {
            return;
        }
        anyValue = true;
        int fitting = text.types(bytes, from, to);
        types &= fitting;
        if ((types & ValueText.DECIMAL) != 0) {
            integerDigits = Math.max(integerDigits, text.integerDigits());
            scale = Math.max(scale, text.scale());
        }
    }

    /// Takes in what was seen of the same column elsewhere.
    void add(ColumnInference other) {
        if (!other.anyValue) {
            return;
        }
        anyValue = true;
        types &= other.types;
        integerDigits = Math.max(integerDigits, other.integerDigits);
        scale = Math.max(scale, other.scale);
    }

    Type type() {
        if (!anyValue || types == 0) {
            return Types.StringType.get();
        }
        if ((types & ValueText.BOOLEAN) != 0) {
            return Types.BooleanType.get();
        }
        if ((types & ValueText.LONG) != 0) {
            return Types.LongType.get();
        }
        if ((types & ValueText.DECIMAL) != 0) {
            int precision = Math.max(LEAST_PRECISION, integerDigits + scale);
            return precision > MOST_PRECISION ? Types.StringType.get() : Types.DecimalType.of(precision, scale);
        }
        if ((types & ValueText.DATE) != 0) {
            return Types.DateType.get();
        }
        return (types & ValueText.TIMESTAMP) != 0 ? Types.TimestampType.withoutZone() : Types.TimestampType.withZone();
    }
}
