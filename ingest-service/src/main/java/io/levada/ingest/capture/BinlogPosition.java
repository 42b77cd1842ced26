package io.levada.ingest.capture;

/// A place in the binary log of MariaDB or MySQL.
///
/// @param file such as `binlog.000003`; the number after the last dot orders the files
/// @param offset in the file, after a transaction's last event
/// @param history tells this log from another one with files of the same names: the global transaction ids up to here
/// (MariaDB), or the server's UUID (MySQL)
public record BinlogPosition(String file, long offset, String history) implements LogPosition {
    private static final char BEFORE_OFFSET = ':';
    private static final char BEFORE_HISTORY = '|';
    private static final int FILE_DIGITS = 7;
    private static final int OFFSET_DIGITS = 13;

    static BinlogPosition of(String stored) {
        int bar = stored.indexOf(BEFORE_HISTORY);
        int colon = stored.lastIndexOf(BEFORE_OFFSET, bar);
        return new BinlogPosition(
                stored.substring(0, colon),
                Long.parseLong(stored.substring(colon + 1, bar)),
                stored.substring(bar + 1));
    }

    @Override
    public String stored() {
        return text() + BEFORE_HISTORY + history;
    }

    @Override
    public String text() {
        return file + BEFORE_OFFSET + offset;
    }

    @Override
    public String order() {
        return CapturePosition.padded(fileNumber(), FILE_DIGITS) + CapturePosition.padded(offset, OFFSET_DIGITS);
    }

    @Override
    public boolean isAfter(LogPosition other) {
        BinlogPosition that = (BinlogPosition) other;
        return file.equals(that.file) ? offset > that.offset : fileNumber() > that.fileNumber();
    }

    private long fileNumber() {
        return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
    }
}
