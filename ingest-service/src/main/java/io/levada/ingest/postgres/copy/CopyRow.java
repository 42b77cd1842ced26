package io.levada.ingest.postgres.copy;

import org.jspecify.annotations.Nullable;

/// One row of COPY's binary format, split into fields and decoded, for the columns of a Parquet file to take from.
///
/// One instance is used for all rows. See "COPY, File Formats, Binary Format" in PostgreSQL's manual.
final class CopyRow {
    /// Length of a field that is NULL.
    static final int NULL = -1;

    private static final int FIELD_COUNT_BYTES = 2;

    /// The bytes that fields are slices of.
    byte[] bytes = {};

    final int[] starts;
    final int[] lengths;

    /// Decoded numbers, dates and times; floating-point numbers as the bits of a double.
    final long[] numbers;

    /// Decoded values of other types, where they are not the field's bytes themselves.
    final @Nullable Object[] values;

    CopyRow(int columns) {
        starts = new int[columns];
        lengths = new int[columns];
        numbers = new long[columns];
        values = new Object[columns];
    }

    /// Finds the fields of a row.
    ///
    /// @param at where the row's field count stands
    void split(byte[] row, int at) {
        bytes = row;
        int count = int16(row, at);
        if (count != starts.length) {
            throw new IllegalStateException("COPY sent " + count + " fields for " + starts.length + " columns");
        }
        int next = at + FIELD_COUNT_BYTES;
        for (int i = 0; i < count; i++) {
            int length = int32(row, next);
            next += Integer.BYTES;
            starts[i] = next;
            lengths[i] = length;
            if (length > 0) {
                next += length;
            }
        }
    }

    boolean isNull(int column) {
        return lengths[column] == NULL;
    }

    static int int16(byte[] bytes, int at) {
        return bytes[at] << 8 | bytes[at + 1] & 0xff;
    }

    static int int32(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }

    static long int64(byte[] bytes, int at) {
        return (long) int32(bytes, at) << 32 | int32(bytes, at + 4) & 0xffffffffL;
    }
}
