package io.levada.lake.columns;

import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;

/// Repetition and definition levels as they stand before the values of a data page of version 1: "Run Length Encoding
/// / Bit-Packing Hybrid" in Parquet's specification, after their length.
final class Levels {
    private static final int VAR_INT_BITS = 7;

    private Levels() {}

    /// A run of one value in the hybrid encoding.
    ///
    /// @param bits width of a value
    static byte[] run(int value, int bits, long count) {
        int valueBytes = (bits + Byte.SIZE - 1) / Byte.SIZE;
        byte[] run = new byte[Long.SIZE / VAR_INT_BITS + 1 + valueBytes];
        int at = 0;
        long header = count << 1;
        while (header > 0x7f) {
            run[at++] = (byte) (header & 0x7f | 0x80);
            header >>>= VAR_INT_BITS;
        }
        run[at++] = (byte) header;
        for (int i = 0; i < valueBytes; i++) {
            run[at++] = (byte) (value >>> i * Byte.SIZE);
        }
        return java.util.Arrays.copyOf(run, at);
    }

    /// All of one level; nothing where there is but one.
    static BytesInput same(int level, int most, long count) {
        if (most == 0) {
            return BytesInput.empty();
        }
        byte[] run = run(level, Integer.SIZE - Integer.numberOfLeadingZeros(most), count);
        return BytesInput.concat(BytesInput.fromInt(run.length), BytesInput.from(run));
    }

    /// Of 0 for what is NULL and 1 for the rest.
    static BytesInput defined(boolean[] nulls, int count) throws IOException {
        try (RunLengthBitPackingHybridEncoder encoder = new RunLengthBitPackingHybridEncoder(
                1, Math.max(64, count / 4), count + 1024, HeapByteBufferAllocator.getInstance())) {
            for (int i = 0; i < count; i++) {
                encoder.writeInt(nulls[i] ? 0 : 1);
            }
            BytesInput levels = BytesInput.copy(encoder.toBytes());
            return BytesInput.concat(BytesInput.fromInt((int) levels.size()), levels);
        }
    }
}
