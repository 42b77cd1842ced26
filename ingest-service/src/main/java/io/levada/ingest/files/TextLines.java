package io.levada.ingest.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// The lines of a text that are not blank, as bytes. A line that is too long is passed over without being held.
///
/// Not safe for use by several threads.
final class TextLines implements AutoCloseable {
    private static final int READ_BYTES = 1 << 16;

    private final InputStream in;
    private final int maxBytes;
    private final byte[] chunk = new byte[READ_BYTES];
    private int next;
    private int limit;
    private byte[] line = new byte[READ_BYTES];
    private int length;
    private boolean tooLong;
    private boolean blank;

    TextLines(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /// Moves to the next line.
    ///
    /// @return false at the end
    boolean next() throws IOException {
        do {
            length = 0;
            tooLong = false;
            blank = true;
            if (!line()) {
                return false;
            }
        } while (blank);
        return true;
    }

    private boolean line() throws IOException {
        boolean any = false;
        while (fill()) {
            any = true;
            int from = next;
            while (next < limit && chunk[next] != '\n') {
                blank &= chunk[next] == ' ' || chunk[next] == '\t' || chunk[next] == '\r';
                next++;
            }
            keep(from, next);
            if (next < limit) {
                next++;
                return true;
            }
        }
        return any;
    }

    private boolean fill() throws IOException {
        if (next == limit) {
            limit = Math.max(0, in.read(chunk, 0, chunk.length));
            next = 0;
        }
        return limit > 0;
    }

    private void keep(int from, int to) {
        int room = Math.min(to - from, maxBytes - length);
        tooLong |= room < to - from;
        if (line.length - length < room) {
            line = Arrays.copyOf(line, Math.max(line.length * 2, length + room));
        }
        System.arraycopy(chunk, from, line, length, room);
        length += room;
    }

    byte[] bytes() {
        return line;
    }

    int length() {
        return length;
    }

    boolean tooLong() {
        return tooLong;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
