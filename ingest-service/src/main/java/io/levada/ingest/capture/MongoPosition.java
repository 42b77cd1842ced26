package io.levada.ingest.capture;

import org.jspecify.annotations.Nullable;

/// A place in a MongoDB deployment's stream of changes.
///
/// Changes have a cluster time, which those of one transaction share. The server resumes by a token, which it makes
/// for every change and for places between them; what is in it is its own affair.
///
/// @param time cluster time: seconds since 1970 in the upper 32 bits, a number within the second in the lower ones
/// @param changes how many changes of that time are before the place
/// @param whole whether those are all
/// @param token after which the server goes on, in hexadecimal digits; null where it starts with the next time
public record MongoPosition(
        long time, long changes, boolean whole, @Nullable String token) implements LogPosition {
    private static final String BEGINNING = "mongodb/";
    private static final char SEPARATOR = '/';
    private static final String WHOLE = "whole";
    private static final String PART = "part";
    private static final int NUMBER_DIGITS = 10;

    /// The place after everything of a time, for a stream that has not begun.
    public static MongoPosition after(long time) {
        return new MongoPosition(time, 0, true, null);
    }

    static boolean isStored(String stored) {
        return stored.startsWith(BEGINNING);
    }

    static MongoPosition of(String stored) {
        String[] parts = stored.split(String.valueOf(SEPARATOR), -1);
        return new MongoPosition(
                Long.parseUnsignedLong(parts[1]),
                Long.parseLong(parts[2]),
                parts[3].equals(WHOLE),
                parts[4].isEmpty() ? null : parts[4]);
    }

    @Override
    public String stored() {
        return BEGINNING
                + Long.toUnsignedString(time)
                + SEPARATOR
                + changes
                + SEPARATOR
                + (whole ? WHOLE : PART)
                + SEPARATOR
                + (token == null ? "" : token);
    }

    /// Seconds and number of the time, as MongoDB's shell writes them.
    @Override
    public String text() {
        return "Timestamp(" + seconds(time) + ", " + number(time) + ")";
    }

    /// Of a time that is not whole, the one before: nothing is complete to it yet.
    @Override
    public String order() {
        long complete = whole ? time : time - 1;
        return CapturePosition.padded(seconds(complete), NUMBER_DIGITS)
                + CapturePosition.padded(number(complete), NUMBER_DIGITS);
    }

    @Override
    public boolean isAfter(LogPosition other) {
        MongoPosition that = (MongoPosition) other;
        if (time != that.time) {
            return Long.compareUnsigned(time, that.time) > 0;
        }
        return changes == that.changes ? whole && !that.whole : changes > that.changes;
    }

    /// Whether everything up to a time is before the place.
    public boolean holds(long upTo) {
        return time == upTo ? whole : Long.compareUnsigned(time, upTo) > 0;
    }

    private static long seconds(long time) {
        return time >>> 32;
    }

    private static long number(long time) {
        return time & 0xffff_ffffL;
    }
}
