package io.levada.ingest.files;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What a text can be, told by its bytes from `from` to `to`; no value is made.
///
/// These conditions say what is accepted, never a cast, since casts round and guess. Of whatever they
/// accept, [TextValues] makes the value without loss.
final class TextShapes {
    private static final int DAY_BYTES = 10;
    private static final int MOST_LONG_DIGITS = 19;
    private static final int SURELY_FINITE_BYTES = 30;
    private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NAN = "NaN".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] INFINITY = "Infinity".getBytes(StandardCharsets.US_ASCII);

    /// What follows the time of day of a timestamp.
    enum Zone {
        NONE,
        /// `Z`.
        UTC,
        /// `Z` or hours and minutes.
        ANY
    }

    private TextShapes() {}

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean equal(byte[] text, int from, int to, byte[] other) {
        return Arrays.equals(text, from, to, other, 0, other.length);
    }

    /// `true` or `false` in any case.
    static boolean isBoolean(byte[] text, int from, int to) {
        byte[] word = to - from == TRUE.length ? TRUE : FALSE;
        if (to - from != word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if ((text[from + i] | 0x20) != word[i]) {
                return false;
            }
        }
        return true;
    }

    /// Digits without leading zeros, of a size from `-most - 1` to `most`.
    static boolean isInteger(byte[] text, int from, int to, long most) {
        boolean negative = from < to && text[from] == '-';
        int first = negative ? from + 1 : from;
        int digits = to - first;
        if (digits < 1 || digits > MOST_LONG_DIGITS || text[first] == '0' && digits > 1) {
            return false;
        }
        long size = 0;
        for (int i = first; i < to; i++) {
            byte b = text[i];
            if (!digit(b)) {
                return false;
            }
            size = size * 10 + (b - '0');
        }
        return Long.compareUnsigned(size, negative ? most + 1 : most) <= 0;
    }

    /// How many digits a decimal has before its point, a lone zero not counted, in the upper half, and how
    /// many after it, in the lower one; -1 for what is none.
    static long decimal(byte[] text, int from, int to) {
        int first = from < to && text[from] == '-' ? from + 1 : from;
        int i = first;
        while (i < to && digit(text[i])) {
            i++;
        }
        int whole = i - first;
        int fraction = 0;
        if (i < to) {
            if (text[i] != '.') {
                return -1;
            }
            int point = i++;
            while (i < to && digit(text[i])) {
                i++;
            }
            fraction = i - point - 1;
            if (i < to || fraction == 0) {
                return -1;
            }
        }
        if (whole + fraction == 0) {
            return -1;
        }
        if (whole > 0 && text[first] == '0') {
            return whole > 1 ? -1 : fraction;
        }
        return (long) whole << Integer.SIZE | fraction;
    }

    /// Digits beyond the scale must be zeros.
    static boolean isDecimal(byte[] text, int from, int to, int precision, int scale) {
        long digits = decimal(text, from, to);
        if (digits < 0 || digits >>> Integer.SIZE > precision - scale) {
            return false;
        }
        int fraction = (int) digits;
        for (int last = to; fraction > scale && text[last - 1] == '0'; last--) {
            fraction--;
        }
        return fraction <= scale;
    }

    /// A finite number, or one of the three others by the name that DuckDB writes and Java too.
    static boolean isFloating(byte[] text, int from, int to, boolean single) {
        int start = from < to && text[from] == '-' ? from + 1 : from;
        if (equal(text, from, to, NAN) || equal(text, start, to, INFINITY)) {
            return true;
        }
        int i = from < to && (text[from] == '+' || text[from] == '-') ? from + 1 : from;
        int digits = 0;
        while (i < to && digit(text[i])) {
            i++;
            digits++;
        }
        if (i < to && text[i] == '.') {
            i++;
            while (i < to && digit(text[i])) {
                i++;
                digits++;
            }
        }
        if (digits == 0) {
            return false;
        }
        boolean exponent = i < to && (text[i] | 0x20) == 'e';
        if (exponent) {
            i++;
            i += i < to && (text[i] == '+' || text[i] == '-') ? 1 : 0;
            int firstDigit = i;
            while (i < to && digit(text[i])) {
                i++;
            }
            if (i == firstDigit) {
                return false;
            }
        }
        return i == to && (!exponent && to - from < SURELY_FINITE_BYTES || isFinite(text, from, to, single));
    }

    private static boolean isFinite(byte[] text, int from, int to, boolean single) {
        String number = new String(text, from, to - from, StandardCharsets.US_ASCII);
        return single ? Float.isFinite(Float.parseFloat(number)) : Double.isFinite(Double.parseDouble(number));
    }

    private static boolean digits(byte[] text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!digit(text[i])) {
                return false;
            }
        }
        return true;
    }

    /// The number of two digits; negative where they are none.
    private static int two(byte[] text, int from) {
        int tens = text[from] - '0';
        int ones = text[from + 1] - '0';
        return (tens | ones | 9 - tens | 9 - ones) < 0 ? -1 : 10 * tens + ones;
    }

    /// A day from year 1 to 9999 as ISO 8601 writes it.
    static boolean isDay(byte[] text, int from, int to) {
        if (to - from != DAY_BYTES || text[from + 4] != '-' || text[from + 7] != '-') {
            return false;
        }
        int century = two(text, from);
        int yearOfCentury = two(text, from + 2);
        int year = 100 * century + yearOfCentury;
        int month = two(text, from + 5);
        int day = two(text, from + 8);
        if ((century | yearOfCentury) < 0 || year < 1 || month < 1 || month > 12 || day < 1) {
            return false;
        }
        boolean leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return day <= DAYS[month - 1] + (leap ? 1 : 0);
    }

    /// Hours and minutes, perhaps seconds, perhaps up to six digits of a fraction.
    static boolean isTimeOfDay(byte[] text, int from, int to) {
        int length = to - from;
        if (length < 5 || text[from + 2] != ':') {
            return false;
        }
        int hour = two(text, from);
        if (hour < 0 || hour > 23 || !sixtieth(text, from + 3)) {
            return false;
        }
        if (length == 5) {
            return true;
        }
        if (length < 8 || text[from + 5] != ':' || !sixtieth(text, from + 6)) {
            return false;
        }
        return length == 8 || length >= 10 && length <= 15 && text[from + 8] == '.' && digits(text, from + 9, to);
    }

    private static boolean sixtieth(byte[] text, int from) {
        int number = two(text, from);
        return number >= 0 && number < 60;
    }

    /// A day, a `T` or a blank, a time of day.
    static boolean isTimestamp(byte[] text, int from, int to, Zone zone) {
        int separator = from + DAY_BYTES;
        if (to - from < DAY_BYTES + 6 || text[separator] != 'T' && text[separator] != ' ') {
            return false;
        }
        int end = zone == Zone.NONE ? to : zone(text, separator, to, zone);
        return end > 0 && isTimeOfDay(text, separator + 1, end) && isDay(text, from, separator);
    }

    /// Where the zone begins with which a text ends; -1 without one.
    private static int zone(byte[] text, int from, int to, Zone zone) {
        if (text[to - 1] == 'Z') {
            return to - 1;
        }
        int start = to - 6;
        if (zone == Zone.UTC
                || start <= from
                || text[start] != '+' && text[start] != '-'
                || text[start + 3] != ':'
                || !sixtieth(text, start + 4)) {
            return -1;
        }
        int hours = two(text, start + 1);
        return hours >= 0 && (hours < 18 || hours == 18 && two(text, start + 4) == 0) ? start : -1;
    }

    static boolean isUuid(byte[] text, int from, int to) {
        if (to - from != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            byte b = text[from + i];
            boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
            if (hyphen ? b != '-' : !digit(b) && ((b | 0x20) < 'a' || (b | 0x20) > 'f')) {
                return false;
            }
        }
        return true;
    }

    static boolean isBase64(byte[] text, int from, int to) {
        if ((to - from) % 4 != 0) {
            return false;
        }
        int end = to;
        while (end > from && end > to - 2 && text[end - 1] == '=') {
            end--;
        }
        for (int i = from; i < end; i++) {
            byte b = text[i];
            if (!digit(b) && ((b | 0x20) < 'a' || (b | 0x20) > 'z') && b != '+' && b != '/') {
                return false;
            }
        }
        return true;
    }
}
