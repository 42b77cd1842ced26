package io.levada.ingest.capture;

import org.postgresql.replication.LogSequenceNumber;

/// A log sequence number of PostgreSQL.
public record Lsn(long value) implements LogPosition {
    public static Lsn of(String text) {
        return new Lsn(LogSequenceNumber.valueOf(text).asLong());
    }

    @Override
    public String stored() {
        return text();
    }

    @Override
    public String text() {
        return LogSequenceNumber.valueOf(value).asString();
    }

    @Override
    public String order() {
        return CapturePosition.padded(value, CapturePosition.SEQUENCE_DIGITS);
    }

    @Override
    public boolean isAfter(LogPosition other) {
        return Long.compareUnsigned(value, ((Lsn) other).value) > 0;
    }
}
