package io.levada.ingest.files;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The records of a CSV stream, as bytes: RFC 4180 with any of LF, CRLF and CR as the line end; blank lines are
/// skipped.
///
/// Works on bytes, not characters, so that a record that can not be taken is kept exactly as it came, and one that is
/// too long is passed over without being held. Fields are ranges of [#bytes()], valid until the next call of
/// [#next()].
/// Not safe for use by several threads.
final class CsvRecords implements AutoCloseable {
    private static final int INITIAL_BYTES = 1 << 18;
    private static final int KEPT_OF_TOO_LONG = 64 * 1024;
    private static final int END_OF_INPUT = -1;
    private static final int TOO_LONG = -2;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    /// All line ends are below it.
    private static final int AFTER_LINE_ENDS = '\r' + 1;

    /// What is wrong with a record.
    enum Flaw {
        NONE,
        /// Text follows a closing quote.
        TEXT_AFTER_QUOTE,
        /// A quote is open where the input ends.
        UNTERMINATED_QUOTE,
        /// Longer than the limit; only its beginning is there.
        TOO_LONG,
        /// Holds a NUL byte.
        NUL
    }

    /// @param quote 0 where nothing is quoted
    /// @param escape makes the byte after it plain inside quotes; the quote itself where quotes are doubled only
    record Dialect(byte delimiter, byte quote, byte escape) {
        static Dialect of(char delimiter) {
            return new Dialect((byte) delimiter, (byte) '"', (byte) '"');
        }
    }

    private final InputStream in;
    private final byte delimiter;
    private final byte quote;
    private final byte escape;
    private final long delimiterWord;
    private final boolean[] specialQuoted = new boolean[256];
    private final int maxRecordBytes;

    private byte[] buffer;
    private int limit;
    private int next;

    private int recordStart;
    private int recordEnd;
    private long number;
    private long read;
    private long start;
    private Flaw flaw = Flaw.NONE;
    /// Negative where a byte may not be ASCII.
    private int allBits;

    /// Field ranges relative to the record's start, so that moving the record does not change them.
    private int[] starts = new int[64];

    private int[] ends = new int[64];
    private boolean[] escaped = new boolean[64];
    private int fields;

    private byte[] scratch = new byte[256];
    private byte[] bytes;
    private int from;
    private int to;

    /// @param head what was already read of the input
    CsvRecords(byte[] head, InputStream rest, Dialect dialect, int maxRecordBytes) {
        this.in = rest;
        this.delimiter = dialect.delimiter();
        this.quote = dialect.quote();
        this.escape = dialect.escape();
        this.delimiterWord = (delimiter & 0xff) * ONES;
        for (byte b : new byte[] {quote, escape, 0}) {
            specialQuoted[b & 0xff] = true;
        }
        this.maxRecordBytes = maxRecordBytes;
        this.buffer = Arrays.copyOf(head, Math.max(head.length, INITIAL_BYTES));
        this.limit = head.length;
        this.read = head.length;
        this.bytes = buffer;
    }

    /// Moves to the next record.
    ///
    /// @return false at the end of the input
    boolean next() throws IOException {
        int i = skipBlankLines();
        if (i < 0) {
            return false;
        }
        recordStart = i;
        start = end();
        fields = 0;
        flaw = Flaw.NONE;
        allBits = 0;
        number++;
        boolean more = true;
        while (more) {
            more = field();
        }
        return true;
    }

    private int skipBlankLines() throws IOException {
        while (true) {
            if (next == limit) {
                recordStart = next;
                if (more(next) < 0) {
                    return -1;
                }
                next = recordStart;
            }
            byte b = buffer[next];
            if (b != '\n' && b != '\r') {
                return next;
            }
            next++;
        }
    }

    /// Reads one field from `next` on.
    ///
    /// @return whether the record goes on
    private boolean field() throws IOException {
        int i = next;
        if (i == limit) {
            i = more(i);
            if (i < 0) {
                return emptyLastField(i);
            }
        }
        return buffer[i] == quote && quote != 0 ? quoted(i) : unquoted(i, i - recordStart, false);
    }

    private boolean emptyLastField(int reason) throws IOException {
        if (reason == TOO_LONG) {
            return passOver(Place.FIELD_START);
        }
        addField(limit - recordStart, limit - recordStart, false);
        return endRecord(limit, limit);
    }

    private boolean unquoted(int first, int start, boolean hasEscapes) throws IOException {
        int i = first;
        while (true) {
            i = special(i);
            if (i < limit) {
                byte b = buffer[i];
                if (b == delimiter) {
                    addField(start, i - recordStart, hasEscapes);
                    next = i + 1;
                    return true;
                }
                if (b == '\n' || b == '\r') {
                    addField(start, i - recordStart, hasEscapes);
                    return endRecord(i, i + 1);
                }
                flaw = b == 0 ? Flaw.NUL : flaw;
                i++;
                continue;
            }
            i = more(i);
            if (i == TOO_LONG) {
                return passOver(Place.UNQUOTED);
            }
            if (i == END_OF_INPUT) {
                addField(start, limit - recordStart, hasEscapes);
                return endRecord(limit, limit);
            }
        }
    }

    /// The first byte from `from` on that may end an unquoted field, or a NUL or another control character; where the
    /// buffer ends if there is none. Eight bytes at a time.
    private int special(int from) {
        byte[] buf = buffer;
        int end = limit;
        int i = from;
        long bits = 0;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long word = (long) LONG.get(buf, i);
            bits |= word;
            long delimiters = word ^ delimiterWord;
            // The lowest byte that this marks is one; above it, a borrow may mark others.
            long marked = ((delimiters - ONES) & ~delimiters | (word - AFTER_LINE_ENDS * ONES) & ~word) & HIGH_BITS;
            if (marked != 0) {
                allBits |= (bits & HIGH_BITS) == 0 ? 0 : -1;
                return i + (Long.numberOfTrailingZeros(marked) >>> 3);
            }
        }
        allBits |= (bits & HIGH_BITS) == 0 ? 0 : -1;
        while (i < end && buf[i] != delimiter && (buf[i] < 0 || buf[i] >= AFTER_LINE_ENDS)) {
            allBits |= buf[i++];
        }
        return i;
    }

    private boolean quoted(int opening) throws IOException {
        int start = opening + 1 - recordStart;
        int i = opening + 1;
        boolean hasEscapes = false;
        while (true) {
            byte[] buf = buffer;
            int end = limit;
            int bits = 0;
            while (i < end && !specialQuoted[buf[i] & 0xff]) {
                bits |= buf[i++];
            }
            allBits |= bits;
            if (i < end && buf[i] == 0) {
                flaw = Flaw.NUL;
                i++;
                continue;
            }
            if (i == end) {
                i = more(i);
                if (i == TOO_LONG) {
                    return passOver(Place.QUOTED);
                }
                if (i == END_OF_INPUT) {
                    flaw = Flaw.UNTERMINATED_QUOTE;
                    addField(start, limit - recordStart, hasEscapes);
                    return endRecord(limit, limit);
                }
                continue;
            }
            int after = i + 1;
            if (after == limit) {
                after = more(after);
                if (after == TOO_LONG) {
                    return passOver(buffer[limit - 1] == quote ? Place.AFTER_QUOTE : Place.AFTER_ESCAPE);
                }
                if (after == END_OF_INPUT) {
                    flaw = buffer[limit - 1] == quote ? flaw : Flaw.UNTERMINATED_QUOTE;
                    addField(start, limit - 1 - recordStart, hasEscapes);
                    return endRecord(limit, limit);
                }
            }
            byte b = buffer[after];
            boolean escaping = buffer[after - 1] != quote;
            if (escaping || b == quote) {
                flaw = b == 0 ? Flaw.NUL : flaw;
                allBits |= b;
                hasEscapes = true;
                i = after + 1;
                continue;
            }
            if (b == delimiter) {
                addField(start, after - 1 - recordStart, hasEscapes);
                next = after + 1;
                return true;
            }
            if (b == '\n' || b == '\r') {
                addField(start, after - 1 - recordStart, hasEscapes);
                return endRecord(after, after + 1);
            }
            flaw = Flaw.TEXT_AFTER_QUOTE;
            return unquoted(after, start, hasEscapes);
        }
    }

    private void addField(int start, int end, boolean hasEscapes) {
        if (fields == starts.length) {
            starts = Arrays.copyOf(starts, fields * 2);
            ends = Arrays.copyOf(ends, fields * 2);
            escaped = Arrays.copyOf(escaped, fields * 2);
        }
        starts[fields] = start;
        ends[fields] = end;
        escaped[fields] = hasEscapes;
        fields++;
    }

    /// A line feed that belongs to this record's CRLF is skipped as a blank line.
    private boolean endRecord(int end, int following) {
        recordEnd = end;
        next = following;
        return false;
    }

    /// Makes bytes after `limit` available, moving the current record to the buffer's start where there is no room.
    ///
    /// @return where byte `i` is now, or [#END_OF_INPUT] or [#TOO_LONG]
    private int more(int i) throws IOException {
        int index = i;
        if (limit == buffer.length) {
            int length = limit - recordStart;
            if (length >= maxRecordBytes) {
                return TOO_LONG;
            }
            byte[] target = length > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
            System.arraycopy(buffer, recordStart, target, 0, length);
            buffer = target;
            limit = length;
            index -= recordStart;
            recordStart = 0;
        } else if (limit - recordStart >= maxRecordBytes) {
            return TOO_LONG;
        }
        int count = in.read(buffer, limit, buffer.length - limit);
        if (count <= 0) {
            next = index;
            return END_OF_INPUT;
        }
        limit += count;
        read += count;
        return index;
    }

    /// Keeps the beginning of a record that is too long, and reads on to its end without keeping more.
    private boolean passOver(Place reached) throws IOException {
        int kept = Math.min(limit - recordStart, KEPT_OF_TOO_LONG);
        System.arraycopy(buffer, recordStart, buffer, 0, kept);
        recordStart = 0;
        recordEnd = kept;
        flaw = Flaw.TOO_LONG;
        fields = 0;
        Place place = reached;
        while (true) {
            int count = in.read(buffer, kept, buffer.length - kept);
            if (count <= 0) {
                limit = kept;
                next = kept;
                return false;
            }
            read += count;
            for (int i = kept; i < kept + count; i++) {
                byte b = buffer[i];
                if (place != Place.QUOTED && (b == '\n' || b == '\r')) {
                    limit = kept + count;
                    next = i + 1;
                    return false;
                }
                place = after(place, b);
            }
        }
    }

    /// Where in a field a byte of a record stands that is passed over.
    private enum Place {
        FIELD_START,
        UNQUOTED,
        QUOTED,
        /// After a quote inside quotes, which closes the field unless another quote follows.
        AFTER_QUOTE,
        /// After an escape that is no quote.
        AFTER_ESCAPE
    }

    private Place after(Place place, byte b) {
        return switch (place) {
            case FIELD_START ->
                b == quote && quote != 0 ? Place.QUOTED : b == delimiter ? Place.FIELD_START : Place.UNQUOTED;
            case UNQUOTED -> b == delimiter ? Place.FIELD_START : Place.UNQUOTED;
            case QUOTED -> b == quote ? Place.AFTER_QUOTE : b == escape ? Place.AFTER_ESCAPE : Place.QUOTED;
            case AFTER_QUOTE -> b == quote ? Place.QUOTED : b == delimiter ? Place.FIELD_START : Place.UNQUOTED;
            case AFTER_ESCAPE -> Place.QUOTED;
        };
    }

    /// Where the record begins in the input.
    long start() {
        return start;
    }

    /// Where in the input it is known that a record ended, or blank lines after it.
    long end() {
        return read - (limit - next);
    }

    /// The record's ordinal from 1, the header counted.
    long number() {
        return number;
    }

    Flaw flaw() {
        return flaw;
    }

    /// Whether the record is UTF-8.
    boolean utf8() {
        return allBits >= 0 || StrictUtf8.valid(buffer, recordStart, recordEnd);
    }

    int fields() {
        return fields;
    }

    /// Makes a field the one that [#bytes()], [#from()] and [#to()] tell of, quotes taken off.
    void select(int field) {
        int start = recordStart + starts[field];
        int end = recordStart + ends[field];
        if (!escaped[field]) {
            bytes = buffer;
            from = start;
            to = end;
            return;
        }
        if (scratch.length < end - start) {
            scratch = new byte[(end - start) * 2];
        }
        int length = 0;
        for (int i = start; i < end; i++) {
            byte b = buffer[i];
            boolean escapes = i + 1 < end && (b == escape && escape != quote || b == quote && buffer[i + 1] == quote);
            if (escapes) {
                i++;
            }
            scratch[length++] = buffer[i];
        }
        bytes = scratch;
        from = 0;
        to = length;
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /// The record's length as it came; of one that is too long, what is kept.
    int rawLength() {
        return recordEnd - recordStart;
    }

    /// The record as it came, at most `max` bytes of it.
    byte[] raw(int max) {
        return Arrays.copyOfRange(buffer, recordStart, Math.min(recordEnd, recordStart + max));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
