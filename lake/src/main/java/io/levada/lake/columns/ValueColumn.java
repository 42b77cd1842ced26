package io.levada.lake.columns;

import org.jspecify.annotations.Nullable;

/// A column of a [ColumnarFile] that takes one value of each row.
public abstract sealed class ValueColumn permits FlatColumn, NestedColumn {
    /// The row has no value here.
    public abstract void addNull();

    /// Takes a boolean (0 or 1), an integer, a decimal's unscaled value, a date or time in Iceberg's internal form,
    /// or the bits of a double where the column is a floating-point number of any width.
    public void addNumber(long value) {
        throw new IllegalStateException("Numbers are not what this column takes");
    }

    /// Takes text in UTF-8, the bytes of a UUID, or the big-endian two's complement of a large decimal's unscaled
    /// value in the column's width. They are copied.
    public void addBytes(byte[] bytes, int start, int length) {
        throw new IllegalStateException("Bytes are not what this column takes");
    }

    /// Takes a value in Iceberg's generic form.
    public void addValue(@Nullable Object value) {
        throw new IllegalStateException("Generic values are not what this column takes");
    }
}
