package io.levada.ingest.files;

import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.columns.ValueColumn;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;

/// The values of some records of a file, a row for each, on their way from the texts to the columns.
///
/// Not safe for use by several threads; it may go from one to another.
final class RowBatch {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_CELLS = 1 << 16;

    private final ValueForm[] forms;
    private final boolean[] numbers;
    private final int mostRows;

    /// Numbers as they are; of bytes where they begin in the upper half, and how many they are in the lower one.
    private final long[] cells;

    private final boolean[] none;
    private final long[] ordinals;
    private byte[] bytes = new byte[MOST_BYTES / 8];
    private int length;
    private int rowStart;
    private int rows;
    private int cell;
    private long textBytes;

    /// @param types of the cells
    /// @param forms how their texts are read
    RowBatch(List<Type> types, List<ValueForm> forms) {
        this.forms = forms.toArray(ValueForm[]::new);
        this.numbers = new boolean[types.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = ValueForm.isNumber(types.get(i));
        }
        this.mostRows = Math.max(1, MOST_CELLS / Math.max(1, types.size()));
        this.cells = new long[mostRows * numbers.length];
        this.none = new boolean[cells.length];
        this.ordinals = new long[mostRows];
    }

    /// Begins the next row; what a row that was not ended has is dropped.
    void beginRow() {
        length = rowStart;
    }

    /// The row has no value in a column.
    void none(int column) {
        none[rows * numbers.length + column] = true;
    }

    /// Reads the row's value in a column from a text.
    ///
    /// @return false where the text holds no value of the column's type
    boolean take(int column, byte[] text, int from, int to) {
        cell = rows * numbers.length + column;
        none[cell] = false;
        return forms[column].read(text, from, to, this);
    }

    /// Puts a value into the current cell.
    void number(long value) {
        cells[cell] = value;
    }

    void bytes(byte[] value) {
        bytes(value, 0, value.length);
    }

    void bytes(byte[] text, int from, int to) {
        int count = to - from;
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, count), 2 * bytes.length));
        }
        System.arraycopy(text, from, bytes, length, count);
        cells[cell] = (long) length << Integer.SIZE | count;
        length += count;
    }

    /// Ends a row whose cells all have a value or none.
    ///
    /// @param recordBytes how much text it was
    void endRow(long ordinal, int recordBytes) {
        ordinals[rows++] = ordinal;
        rowStart = length;
        textBytes += recordBytes;
    }

    int rows() {
        return rows;
    }

    /// How much text the rows were.
    long textBytes() {
        return textBytes;
    }

    boolean full() {
        return rows == mostRows || length >= MOST_BYTES || textBytes >= MOST_BYTES;
    }

    /// Gives the rows to the columns of a file.
    ///
    /// @param targets a column for each cell, then those of the position and of the ordinal
    void giveTo(ColumnarFile file, ValueColumn[] targets, RowPositions.Text position) {
        int columns = numbers.length;
        for (int row = 0; row < rows; row++) {
            int first = row * columns;
            for (int column = 0; column < columns; column++) {
                long value = cells[first + column];
                if (none[first + column]) {
                    targets[column].addNull();
                } else if (numbers[column]) {
                    targets[column].addNumber(value);
                } else {
                    targets[column].addBytes(bytes, (int) (value >>> Integer.SIZE), (int) value);
                }
            }
            position.moveTo(ordinals[row]);
            targets[columns].addBytes(position.bytes(), 0, position.bytes().length);
            targets[columns + 1].addNumber(ordinals[row]);
            file.endRow();
        }
    }

    /// Forgets the rows.
    void clear() {
        rows = 0;
        length = 0;
        rowStart = 0;
        textBytes = 0;
        if (bytes.length > 4 * MOST_BYTES) {
            bytes = new byte[MOST_BYTES / 8];
        }
    }
}
