package io.levada.lake.columns;

import java.util.Arrays;

/// The distinct numbers of a row group in the order in which they came, found by open addressing.
final class NumberDictionary {
    private static final int FIRST_SLOTS = 64;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private long[] entries = {};
    private int size;

    /// Places plus one; 0 where a slot is free.
    private int[] slots = {};

    /// Finds numbers, and takes those in that are new.
    ///
    /// @return entries then; negative where they would be more than `most`
    int look(long[] values, int[] places, int most) {
        for (int i = 0; i < places.length; i++) {
            int place = place(values[i]);
            if (place >= most) {
                return -1;
            }
            places[i] = place;
        }
        return size;
    }

    private int place(long value) {
        int mask = slots.length - 1;
        int slot = slot(value, mask);
        for (int found = slots[slot]; found != 0; found = slots[slot]) {
            if (entries[found - 1] == value) {
                return found - 1;
            }
            slot = slot + 1 & mask;
        }
        if (size == entries.length) {
            grow();
            return place(value);
        }
        entries[size++] = value;
        slots[slot] = size;
        return size - 1;
    }

    private static int slot(long value, int mask) {
        return (int) (value * SPREAD >>> Integer.SIZE) & mask;
    }

    private void grow() {
        entries = Arrays.copyOf(entries, size * 2);
        slots = new int[entries.length * 2];
        int mask = slots.length - 1;
        for (int i = 0; i < size; i++) {
            int slot = slot(entries[i], mask);
            while (slots[slot] != 0) {
                slot = slot + 1 & mask;
            }
            slots[slot] = i + 1;
        }
    }

    long[] entries() {
        return entries;
    }

    void clear() {
        size = 0;
        entries = new long[FIRST_SLOTS / 2];
        slots = new int[FIRST_SLOTS];
    }
}
