package io.levada.ingest.files;

import io.levada.ingest.files.TextShapes.Zone;
import java.util.EnumSet;
import java.util.Set;

/// Finds what kinds of values the texts of one column can be, all of them.
///
/// Not safe for use by several threads.
final class TextInference {
    private final ColumnInference column;
    private boolean mayBeLong;
    private boolean mayBeDecimal;
    private boolean mayBeBoolean;
    private boolean mayBeDate;
    private boolean mayBeTimestamp;
    private boolean mayBeTimestamptz;
    private boolean undecided = true;
    private boolean any;
    private int integerDigits;
    private int scale;

    /// @param column whose kinds are those that are left possible
    TextInference(ColumnInference column) {
        this.column = column;
        Set<ColumnInference.Kind> kinds = column.kinds();
        mayBeLong = kinds.contains(ColumnInference.Kind.LONG);
        mayBeDecimal = kinds.contains(ColumnInference.Kind.DECIMAL);
        mayBeBoolean = kinds.contains(ColumnInference.Kind.BOOLEAN);
        mayBeDate = kinds.contains(ColumnInference.Kind.DATE);
        mayBeTimestamp = kinds.contains(ColumnInference.Kind.TIMESTAMP);
        mayBeTimestamptz = kinds.contains(ColumnInference.Kind.TIMESTAMPTZ);
    }

    /// Takes in a text that is a value, as UTF-8 from `from` to `to`.
    void take(byte[] text, int from, int to) {
        any = true;
        if (!undecided) {
            return;
        }
        mayBeLong = mayBeLong && TextShapes.isInteger(text, from, to, Long.MAX_VALUE);
        if (mayBeDecimal && mayBeLong) {
            addWhole(text, from, to);
        } else if (mayBeDecimal) {
            long digits = TextShapes.decimal(text, from, to);
            mayBeDecimal = digits >= 0;
            if (mayBeDecimal) {
                integerDigits = Math.max(integerDigits, (int) (digits >>> Integer.SIZE));
                scale = Math.max(scale, (int) digits);
            }
        }
        mayBeBoolean = mayBeBoolean && TextShapes.isBoolean(text, from, to);
        mayBeDate = mayBeDate && TextShapes.isDay(text, from, to);
        mayBeTimestamp = mayBeTimestamp && TextShapes.isTimestamp(text, from, to, Zone.NONE);
        mayBeTimestamptz = mayBeTimestamptz && TextShapes.isTimestamp(text, from, to, Zone.UTC);
        undecided = mayBeLong || mayBeDecimal || mayBeBoolean || mayBeDate || mayBeTimestamp || mayBeTimestamptz;
    }

    private void addWhole(byte[] text, int from, int to) {
        int first = text[from] == '-' ? from + 1 : from;
        integerDigits = Math.max(integerDigits, text[first] == '0' ? 0 : to - first);
    }

    /// Whether no further text can change what was found.
    boolean isSettled() {
        return any && !undecided;
    }

    /// Tells the column what was found.
    void finish() {
        if (!any) {
            return;
        }
        Set<ColumnInference.Kind> fitting = EnumSet.noneOf(ColumnInference.Kind.class);
        add(fitting, mayBeLong, ColumnInference.Kind.LONG);
        add(fitting, mayBeDecimal, ColumnInference.Kind.DECIMAL);
        add(fitting, mayBeBoolean, ColumnInference.Kind.BOOLEAN);
        add(fitting, mayBeDate, ColumnInference.Kind.DATE);
        add(fitting, mayBeTimestamp, ColumnInference.Kind.TIMESTAMP);
        add(fitting, mayBeTimestamptz, ColumnInference.Kind.TIMESTAMPTZ);
        column.add(fitting);
        if (mayBeDecimal) {
            column.addDigits(integerDigits, scale);
        }
    }

    private static void add(Set<ColumnInference.Kind> kinds, boolean fits, ColumnInference.Kind kind) {
        if (fits) {
            kinds.add(kind);
        }
    }
}
