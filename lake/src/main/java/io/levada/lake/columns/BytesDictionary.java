package io.levada.lake.columns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;

/// The distinct byte strings of a row group in the order in which they came, in the form of a page, found by open
/// addressing.
final class BytesDictionary {
    private static final int FIRST_SLOTS = 64;
    private static final int FIRST_BYTES = 256;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = {};
    private int[] ends = {};
    private int[] hashes = {};
    private int size;

    /// Places plus one; 0 where a slot is free.
    private int[] slots = {};

    /// Finds strings that stand one after the other, and takes those in that are new.
    ///
    /// @return entries then; negative where they would take more than `most` bytes
    int look(byte[] values, int[] valueEnds, int[] places, int most) {
        int start = 0;
        for (int i = 0; i < places.length; i++) {
            int place = place(values, start, valueEnds[i], most);
            if (place < 0) {
                return -1;
            }
            places[i] = place;
            start = valueEnds[i];
        }
        return size;
    }

    private int place(byte[] values, int start, int end, int most) {
        int hash = hash(values, start, end);
        int mask = slots.length - 1;
        int slot = hash & mask;
        for (int found = slots[slot]; found != 0; found = slots[slot]) {
            int place = found - 1;
            if (hashes[place] == hash
                    && Arrays.equals(bytes, place == 0 ? 0 : ends[place - 1], ends[place], values, start, end)) {
                return place;
            }
            slot = slot + 1 & mask;
        }
        int used = size == 0 ? 0 : ends[size - 1];
        if (used + (long) (end - start) > most) {
            return -1;
        }
        if (size == ends.length) {
            grow();
            slot = free(hash);
        }
        if (used + end - start > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(used + end - start, 2 * bytes.length));
        }
        System.arraycopy(values, start, bytes, used, end - start);
        ends[size] = used + end - start;
        hashes[size] = hash;
        slots[slot] = ++size;
        return size - 1;
    }

    private int free(int hash) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        ends = Arrays.copyOf(ends, size * 2);
        hashes = Arrays.copyOf(hashes, size * 2);
        slots = new int[ends.length * 2];
        for (int i = 0; i < size; i++) {
            slots[free(hashes[i])] = i + 1;
        }
    }

    private static int hash(byte[] values, int start, int end) {
        long hash = end - start;
        int at = start;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = mixed(hash ^ (long) LONG.get(values, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << Byte.SIZE | values[at] & 0xff;
        }
        hash = mixed(hash ^ rest);
        return (int) (hash >>> Integer.SIZE);
    }

    private static long mixed(long bits) {
        long product = bits * SPREAD;
        return product ^ product >>> Integer.SIZE;
    }

    BytesInput page(int entries) {
        return BytesInput.from(bytes, 0, (int) bytes(entries));
    }

    long bytes(int entries) {
        return entries <= 0 ? 0 : ends[entries - 1];
    }

    void clear() {
        size = 0;
        bytes = new byte[FIRST_BYTES];
        ends = new int[FIRST_SLOTS / 2];
        hashes = new int[FIRST_SLOTS / 2];
        slots = new int[FIRST_SLOTS];
    }
}
