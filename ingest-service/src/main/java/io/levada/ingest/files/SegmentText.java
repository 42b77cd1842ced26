package io.levada.ingest.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// A stretch of whole records in the one form that DuckDB is asked to read: a line for each, its ordinal first,
/// fields with special characters in quotes, quotes doubled, and nothing else special.
///
/// Not safe for use by several threads.
final class SegmentText implements AutoCloseable {
    private static final int FLUSH_BYTES = 1 << 20;

    /// @param quote doubled inside quotes
    record Dialect(byte delimiter, byte quote) {
        static final Dialect PLAIN = new Dialect((byte) ',', (byte) '"');
    }

    private final Dialect dialect;
    private final OutputStream out;
    private byte[] buffer = new byte[FLUSH_BYTES + (1 << 16)];
    private int length;
    private long written;
    private long records;
    private long ordinals;

    SegmentText(Path file, Dialect dialect) throws IOException {
        this.dialect = dialect;
        this.out = Files.newOutputStream(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /// Adds a record.
    void add(FileRecords record) throws IOException {
        long ordinal = record.ordinal();
        ordinal(ordinal);
        record.copyTo(this);
        room(1);
        buffer[length++] = '\n';
        records++;
        ordinals += ordinal;
        if (length >= FLUSH_BYTES) {
            flush();
        }
    }

    private void ordinal(long ordinal) {
        room(20);
        int digits = 1;
        for (long rest = ordinal / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = ordinal;
        for (int i = length + digits - 1; i >= length; i--) {
            buffer[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /// Adds all fields of a record, which are in this dialect as they stand.
    void fields(byte[] bytes, int from, int to) {
        room(to - from + 1);
        buffer[length++] = dialect.delimiter();
        System.arraycopy(bytes, from, buffer, length, to - from);
        length += to - from;
    }

    /// Adds a field.
    void field(byte[] bytes, int from, int to) {
        room(2 * (to - from) + 3);
        byte quote = dialect.quote();
        buffer[length++] = dialect.delimiter();
        buffer[length++] = quote;
        for (int i = from; i < to; i++) {
            if (bytes[i] == quote) {
                buffer[length++] = quote;
            }
            buffer[length++] = bytes[i];
        }
        buffer[length++] = quote;
    }

    void field(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        field(bytes, 0, bytes.length);
    }

    /// Adds a field without a value.
    void none() {
        room(1);
        buffer[length++] = dialect.delimiter();
    }

    private void room(int bytes) {
        if (buffer.length - length < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + bytes));
        }
    }

    private void flush() throws IOException {
        out.write(buffer, 0, length);
        written += length;
        length = 0;
    }

    long bytes() {
        return written + length;
    }

    long records() {
        return records;
    }

    /// The sum of the ordinals, by which one sees that a reader found the same records.
    long ordinals() {
        return ordinals;
    }

    @Override
    public void close() throws IOException {
        try (out) {
            flush();
        }
    }
}
