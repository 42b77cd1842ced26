package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Those of a file's records that stand in the connection's table `wanted`. Where the file is cut into other records
/// than it was, nothing of it can be taken: a record of the same ordinal would be another one.
final class ReplayedRecords implements FileRecords {
    private static final int PAGE = 1000;

    private final FileRecords records;
    private final Connection connection;
    private final Deque<Wanted> page = new ArrayDeque<>();
    private long last;

    private record Wanted(long ordinal, byte[] raw) {}

    ReplayedRecords(FileRecords records, Connection connection) {
        this.records = records;
        this.connection = connection;
    }

    @Override
    public boolean next() throws IOException {
        Wanted wanted = nextWanted();
        if (wanted == null) {
            return false;
        }
        boolean there = records.next();
        while (there && records.ordinal() < wanted.ordinal()) {
            there = records.next();
        }
        boolean same = there
                && records.ordinal() == wanted.ordinal()
                && sameText(records.raw(QuarantineWriter.MAX_RAW_BYTES), wanted.raw());
        if (!same) {
            throw new RefusedFile(
                    IngestError.FILES_REPLAY_DIFFERS,
                    "record " + wanted.ordinal()
                            + " is another one than it was when it was put aside: the settings of the source now cut"
                            + " the file into other records, so its quarantined records can not be taken alone");
        }
        return true;
    }

    private @Nullable Wanted nextWanted() throws IOException {
        if (page.isEmpty()) {
            try (Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery(
                            "SELECT o, raw FROM wanted WHERE o > " + last + " ORDER BY o LIMIT " + PAGE)) {
                while (found.next()) {
                    page.add(new Wanted(found.getLong(1), found.getBytes(2)));
                }
            } catch (SQLException e) {
                throw new IOException(e);
            }
        }
        Wanted next = page.poll();
        if (next != null) {
            last = next.ordinal();
        }
        return next;
    }

    /// Compares what is ASCII, as a corrected encoding changes the rest; of records that were cut off, what both have.
    private static boolean sameText(byte[] one, byte[] other) {
        String left = ascii(one);
        String right = ascii(other);
        boolean cut = one.length >= QuarantineWriter.MAX_RAW_BYTES || other.length >= QuarantineWriter.MAX_RAW_BYTES;
        int shared = Math.min(left.length(), right.length());
        return cut ? left.substring(0, shared).equals(right.substring(0, shared)) : left.equals(right);
    }

    private static String ascii(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1).replaceAll("[^\\x01-\\x7f]", "");
    }

    @Override
    public List<String> columns() {
        return records.columns();
    }

    @Override
    public long ordinal() {
        return records.ordinal();
    }

    @Override
    public @Nullable Misfit misfit() {
        return records.misfit();
    }

    @Override
    public int read(RowBatch row) {
        return records.read(row);
    }

    @Override
    public int length() {
        return records.length();
    }

    @Override
    public byte[] raw(int max) {
        return records.raw(max);
    }

    @Override
    public boolean longerThan(int max) {
        return records.longerThan(max);
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
