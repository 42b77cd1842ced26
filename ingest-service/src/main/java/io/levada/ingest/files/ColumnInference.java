package io.levada.ingest.files;

import java.util.EnumSet;
import java.util.Set;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The narrowest type that holds every value of a column without loss.
///
/// Whole numbers are long or decimal, fractions decimal, never double unless the source itself has doubles; what fits
/// no kind is a string; so is a column without a value.
///
/// Not safe for use by several threads.
final class ColumnInference {
    private static final int LEAST_PRECISION = 18;
    private static final int MOST_PRECISION = 38;

    /// What all values of a column can be.
    enum Kind {
        BOOLEAN,
        LONG,
        DECIMAL,
        DATE,
        TIMESTAMP,
        TIMESTAMPTZ,
        /// Only of formats that tell their types.
        DOUBLE,
        UUID,
        BINARY
    }

    private final Set<Kind> kinds;
    private boolean anyValue;
    private int integerDigits;
    private int scale;
    private @Nullable Type exact;

    ColumnInference() {
        this(EnumSet.allOf(Kind.class));
    }

    /// @param possible others are ruled out already
    ColumnInference(Set<Kind> possible) {
        this.kinds = EnumSet.noneOf(Kind.class);
        kinds.addAll(possible);
    }

    /// The kinds that the values so far leave possible.
    Set<Kind> kinds() {
        return Set.copyOf(kinds);
    }

    /// Whether there was a value, or a file that tells the type.
    boolean seen() {
        return anyValue;
    }

    /// Takes in values that can all be any of these kinds, and no other.
    void add(Set<Kind> fitting) {
        anyValue = true;
        kinds.retainAll(fitting);
    }

    /// Takes in the size of decimals.
    ///
    /// @param mostIntegerDigits of the digits before the point, a lone zero not counted
    /// @param largestScale of the digits after it
    void addDigits(int mostIntegerDigits, int largestScale) {
        integerDigits = Math.max(integerDigits, mostIntegerDigits);
        scale = Math.max(scale, largestScale);
    }

    /// Takes in a file that tells the column's type itself.
    void add(Type type) {
        if (anyValue) {
            kinds.clear();
            exact = exact == null || exact.equals(type) ? type : null;
        } else {
            anyValue = true;
            kinds.clear();
            exact = type;
        }
    }

    /// Takes in what was seen of the same column elsewhere.
    void add(ColumnInference other) {
        if (!other.anyValue) {
            return;
        }
        if (other.exact != null) {
            add(other.exact);
            return;
        }
        add(other.kinds);
        addDigits(other.integerDigits, other.scale);
    }

    Type type() {
        if (exact != null) {
            return exact;
        }
        if (!anyValue || kinds.isEmpty()) {
            return Types.StringType.get();
        }
        return switch (kinds.iterator().next()) {
            case BOOLEAN -> Types.BooleanType.get();
            case LONG -> Types.LongType.get();
            case DECIMAL -> {
                int precision = Math.max(LEAST_PRECISION, integerDigits + scale);
                yield precision > MOST_PRECISION ? Types.StringType.get() : Types.DecimalType.of(precision, scale);
            }
            case DATE -> Types.DateType.get();
            case TIMESTAMP -> Types.TimestampType.withoutZone();
            case TIMESTAMPTZ -> Types.TimestampType.withZone();
            case DOUBLE -> Types.DoubleType.get();
            case UUID -> Types.UUIDType.get();
            case BINARY -> Types.BinaryType.get();
        };
    }
}
