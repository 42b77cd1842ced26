package io.levada.lake.columns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Text, bytes, UUIDs and large decimals, collected in the form in which they stand in a page: of those without a
/// fixed width each after its length.
final class BytesColumn extends FlatColumn {
    private static final int PAGE_BYTES = 1024 * 1024;
    private static final int FIRST_BYTES = 256;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final ColumnarFile file;
    private final int prefix;
    private final int width;
    private final boolean signed;
    private final BytesDictionary dictionary = new BytesDictionary();
    private byte[] bytes = new byte[FIRST_BYTES];
    private int[] ends = new int[FIRST_ROWS];
    private int length;

    BytesColumn(ColumnDescriptor leaf, int pageRows, ColumnarFile file) {
        super(leaf, pageRows);
        this.file = file;
        boolean fixed = leaf.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        this.prefix = fixed ? 0 : Integer.BYTES;
        this.width = fixed ? leaf.getPrimitiveType().getTypeLength() : -1;
        this.signed = leaf.getPrimitiveType().getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation;
    }

    @Override
    public void addBytes(byte[] from, int start, int count) {
        if (width >= 0 && count != width) {
            throw new IllegalArgumentException(
                    "Column " + leaf.getPath()[0] + " takes " + width + " bytes, not " + count);
        }
        int at = values();
        if (at == ends.length) {
            ends = Arrays.copyOf(ends, grown(at));
        }
        int end = Math.addExact(length, Math.addExact(prefix, count));
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.clamp(2L * bytes.length, end, Integer.MAX_VALUE - 8));
        }
        if (prefix > 0) {
            INT.set(bytes, length, count);
        }
        System.arraycopy(from, start, bytes, length + prefix, count);
        length = end;
        ends[at] = end;
        defined();
        file.took(prefix + count, end >= PAGE_BYTES);
    }

    private int start(int i) {
        return (i == 0 ? 0 : ends[i - 1]) + prefix;
    }

    @Override
    boolean hasDictionaries() {
        return true;
    }

    @Override
    int look(int[] places, int most) {
        return dictionary.look(bytes, ends, places, most);
    }

    @Override
    BytesInput dictionary(int entries) {
        return dictionary.page(entries);
    }

    @Override
    long dictionaryBytes(int entries) {
        return dictionary.bytes(entries);
    }

    @Override
    void clearDictionary() {
        dictionary.clear();
    }

    @Override
    long plainBytes() {
        return length;
    }

    @Override
    BytesInput plain() {
        return BytesInput.from(bytes, 0, length);
    }

    @Override
    void addTo(Statistics<?> statistics) {
        int count = values();
        if (count == 0) {
            return;
        }
        if (signed) {
            for (int i = 0; i < count; i++) {
                statistics.updateStats(value(i));
            }
            return;
        }
        int smallest = 0;
        int largest = 0;
        for (int i = 1; i < count; i++) {
            if (compare(i, smallest) < 0) {
                smallest = i;
            } else if (compare(i, largest) > 0) {
                largest = i;
            }
        }
        statistics.updateStats(value(smallest));
        statistics.updateStats(value(largest));
    }

    private int compare(int i, int j) {
        return Arrays.compareUnsigned(bytes, start(i), ends[i], bytes, start(j), ends[j]);
    }

    private Binary value(int i) {
        return Binary.fromConstantByteArray(Arrays.copyOfRange(bytes, start(i), ends[i]));
    }

    @Override
    void clear() {
        length = 0;
        if (bytes.length > 4 * PAGE_BYTES) {
            bytes = new byte[FIRST_BYTES];
        }
    }
}
