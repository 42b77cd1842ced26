package io.levada.ingest.files;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Strict UTF-8 without exceptions.
final class StrictUtf8 {
    private StrictUtf8() {}

    /// @return null where the bytes are not UTF-8
    static @Nullable String decode(byte[] bytes, int from, int to) {
        return valid(bytes, from, to) ? new String(bytes, from, to - from, StandardCharsets.UTF_8) : null;
    }

    /// Whether the bytes are well formed by table 3-7 of the Unicode standard.
    static boolean valid(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] >= 0) {
            i++;
        }
        while (i < to) {
            int length = length(bytes, i, to);
            if (length == 0) {
                return false;
            }
            i += length;
        }
        return true;
    }

    private static int length(byte[] bytes, int i, int to) {
        int first = bytes[i] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xc2 || first > 0xf4) {
            return 0;
        }
        int length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (i + length > to) {
            return 0;
        }
        int second = bytes[i + 1] & 0xff;
        int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < lowest || second > highest) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
