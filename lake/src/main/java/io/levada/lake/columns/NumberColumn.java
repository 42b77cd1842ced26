package io.levada.lake.columns;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.iceberg.FieldMetrics;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Booleans and numbers of fixed width.
final class NumberColumn extends FlatColumn {
    private final PrimitiveTypeName physical;
    private final int fieldId;
    private final int width;
    private final NumberDictionary dictionary = new NumberDictionary();
    private long[] values = new long[FIRST_ROWS];
    private long allValues;
    private long allNulls;
    private long allNans;
    private double lower = Double.POSITIVE_INFINITY;
    private double upper = Double.NEGATIVE_INFINITY;

    NumberColumn(ColumnDescriptor leaf, int fieldId, int pageRows) {
        super(leaf, pageRows);
        this.fieldId = fieldId;
        this.physical = leaf.getPrimitiveType().getPrimitiveTypeName();
        this.width =
                physical == PrimitiveTypeName.INT32 || physical == PrimitiveTypeName.FLOAT ? Integer.BYTES : Long.BYTES;
    }

    @Override
    public void addNumber(long value) {
        int at = values();
        if (at == values.length) {
            values = Arrays.copyOf(values, grown(at));
        }
        values[at] = value;
        defined();
    }

    private boolean isFloating() {
        return physical == PrimitiveTypeName.FLOAT || physical == PrimitiveTypeName.DOUBLE;
    }

    @Override
    boolean hasDictionaries() {
        return physical != PrimitiveTypeName.BOOLEAN;
    }

    @Override
    int look(int[] places, int most) {
        return dictionary.look(values, places, most / width);
    }

    @Override
    BytesInput dictionary(int entries) {
        return fixed(dictionary.entries(), entries);
    }

    @Override
    long dictionaryBytes(int entries) {
        return (long) entries * width;
    }

    @Override
    void clearDictionary() {
        dictionary.clear();
    }

    @Override
    long plainBytes() {
        return (long) values() * width;
    }

    @Override
    BytesInput plain() {
        return physical == PrimitiveTypeName.BOOLEAN ? bits() : fixed(values, values());
    }

    private BytesInput fixed(long[] numbers, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
        switch (physical) {
            case INT64, DOUBLE -> bytes.asLongBuffer().put(numbers, 0, count);
            case INT32 -> {
                for (int i = 0; i < count; i++) {
                    bytes.putInt((int) numbers[i]);
                }
            }
            case FLOAT -> {
                for (int i = 0; i < count; i++) {
                    bytes.putFloat((float) Double.longBitsToDouble(numbers[i]));
                }
            }
            case BOOLEAN, BINARY, FIXED_LEN_BYTE_ARRAY, INT96 ->
                throw new IllegalStateException("No number of fixed width is written as " + physical);
        }
        return BytesInput.from(bytes.array());
    }

    private BytesInput bits() {
        int count = values();
        byte[] bits = new byte[(count + Byte.SIZE - 1) / Byte.SIZE];
        for (int i = 0; i < count; i++) {
            bits[i / Byte.SIZE] |= (byte) ((values[i] != 0 ? 1 : 0) << i % Byte.SIZE);
        }
        return BytesInput.from(bits);
    }

    @Override
    void addTo(Statistics<?> statistics) {
        int count = values();
        if (isFloating()) {
            allValues += count + nulls();
            allNulls += nulls();
            addFloating(statistics, count);
            return;
        }
        if (count == 0) {
            return;
        }
        long smallest = values[0];
        long largest = values[0];
        for (int i = 1; i < count; i++) {
            smallest = Math.min(smallest, values[i]);
            largest = Math.max(largest, values[i]);
        }
        switch (physical) {
            case INT64 -> {
                statistics.updateStats(smallest);
                statistics.updateStats(largest);
            }
            case INT32 -> {
                statistics.updateStats((int) smallest);
                statistics.updateStats((int) largest);
            }
            default -> {
                statistics.updateStats(smallest != 0);
                statistics.updateStats(largest != 0);
            }
        }
    }

    /// A page with NaN tells Parquet so, and readers then trust no bound of it.
    private void addFloating(Statistics<?> statistics, int count) {
        double smallest = Double.POSITIVE_INFINITY;
        double largest = Double.NEGATIVE_INFINITY;
        int nans = 0;
        for (int i = 0; i < count; i++) {
            double value = Double.longBitsToDouble(values[i]);
            if (Double.isNaN(value)) {
                nans++;
            } else {
                smallest = Math.min(smallest, value);
                largest = Math.max(largest, value);
            }
        }
        allNans += nans;
        lower = Math.min(lower, smallest);
        upper = Math.max(upper, largest);
        if (count > nans) {
            add(statistics, smallest);
            add(statistics, largest);
        }
        if (nans > 0) {
            add(statistics, Double.NaN);
        }
    }

    private void add(Statistics<?> statistics, double value) {
        if (physical == PrimitiveTypeName.FLOAT) {
            statistics.updateStats((float) value);
        } else {
            statistics.updateStats(value);
        }
    }

    @Override
    Stream<FieldMetrics<?>> metrics() {
        if (!isFloating()) {
            return Stream.empty();
        }
        if (allValues == allNulls + allNans) {
            return Stream.of(new FieldMetrics<>(fieldId, allValues, allNulls, allNans));
        }
        return Stream.of(
                physical == PrimitiveTypeName.FLOAT
                        ? new FieldMetrics<>(fieldId, allValues, allNulls, allNans, (float) lower, (float) upper)
                        : new FieldMetrics<>(fieldId, allValues, allNulls, allNans, lower, upper));
    }

    @Override
    void clear() {
        // The values are those that their count says.
    }
}
