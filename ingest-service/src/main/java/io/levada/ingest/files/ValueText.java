package io.levada.ingest.files;

/// What the text of one value could be, without loss: the forms of numbers, dates and times that Levada reads.
///
/// Not safe for use by several threads: [#integerDigits()] and [#scale()] tell of the last decimal looked at.
final class ValueText {
    static final int BOOLEAN = 1;
    static final int LONG = 2;
    static final int DECIMAL = 4;
    static final int DATE = 8;
    static final int TIMESTAMP = 16;
    static final int TIMESTAMPTZ = 32;
    static final int ANY = 63;

    static final int INVALID = Integer.MIN_VALUE;

    private static final byte[] MAX_LONG = bytes("9223372036854775807");
    private static final byte[] MIN_LONG = bytes("9223372036854775808");
    private static final byte[] TRUE = bytes("true");
    private static final byte[] FALSE = bytes("false");
    private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    private int integerDigits;
    private int scale;

    /// The types that hold this text without loss, as a set of bits; 0 where only a string does.
    int types(byte[] b, int from, int to) {
        byte first = b[from];
        if (digit(first)) {
            return to - from >= 10 && b[from + 4] == '-' ? dateOrTime(b, from, to) : number(b, from, to, false);
        }
        return switch (first) {
            case '-' -> number(b, from + 1, to, true);
            case '.' -> number(b, from, to, false);
            case 't', 'T', 'f', 'F' -> truth(b, from, to) == INVALID ? 0 : BOOLEAN;
            default -> 0;
        };
    }

    private int number(byte[] b, int from, int to, boolean negative) {
        int i = from;
        while (i < to && digit(b[i])) {
            i++;
        }
        int digits = i - from;
        if (digits > 1 && b[from] == '0') {
            return 0;
        }
        integerDigits = digits == 1 && b[from] == '0' ? 0 : digits;
        scale = 0;
        if (i == to) {
            if (digits == 0) {
                return 0;
            }
            return fitsLong(b, from, digits, negative) ? LONG | DECIMAL : DECIMAL;
        }
        if (b[i] != '.' || i + 1 == to) {
            return 0;
        }
        for (int k = i + 1; k < to; k++) {
            if (!digit(b[k])) {
                return 0;
            }
        }
        scale = to - i - 1;
        return DECIMAL;
    }

    private static boolean fitsLong(byte[] b, int from, int digits, boolean negative) {
        if (digits != MAX_LONG.length) {
            return digits < MAX_LONG.length;
        }
        byte[] bound = negative ? MIN_LONG : MAX_LONG;
        for (int i = 0; i < digits; i++) {
            if (b[from + i] != bound[i]) {
                return b[from + i] < bound[i];
            }
        }
        return true;
    }

    private static int dateOrTime(byte[] b, int from, int to) {
        if (epochDay(b, from) == INVALID) {
            return 0;
        }
        if (to - from == 10) {
            return DATE;
        }
        boolean zoned = b[to - 1] == 'Z';
        byte separator = b[from + 10];
        if (separator != 'T' && separator != ' ' || microOfDay(b, from + 11, zoned ? to - 1 : to) < 0) {
            return 0;
        }
        return zoned ? TIMESTAMPTZ : TIMESTAMP;
    }

    int integerDigits() {
        return integerDigits;
    }

    int scale() {
        return scale;
    }

    /// `true` 1, `false` 0, in any case; else [#INVALID].
    static int truth(byte[] b, int from, int to) {
        if (is(TRUE, b, from, to)) {
            return 1;
        }
        return is(FALSE, b, from, to) ? 0 : INVALID;
    }

    private static boolean is(byte[] word, byte[] b, int from, int to) {
        if (to - from != word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if ((b[from + i] | 0x20) != word[i]) {
                return false;
            }
        }
        return true;
    }

    /// The day of `yyyy-MM-dd`, whose ten bytes must be there; else [#INVALID].
    static int epochDay(byte[] b, int from) {
        int year = pair(b, from) * 100 + pair(b, from + 2);
        int month = pair(b, from + 5);
        int day = pair(b, from + 8);
        if (pair(b, from) < 0
                || pair(b, from + 2) < 0
                || b[from + 4] != '-'
                || b[from + 7] != '-'
                || year < 1
                || month < 1
                || month > 12
                || day < 1
                || day > days(year, month)) {
            return INVALID;
        }
        return daysFromCivil(year, month, day);
    }

    private static int days(int year, int month) {
        boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return month == 2 && leap ? 29 : DAYS[month - 1];
    }

    /// Days since 1970-01-01 of the proleptic Gregorian calendar, counted in years that begin in March.
    private static int daysFromCivil(int year, int month, int day) {
        int shifted = month <= 2 ? year - 1 : year;
        int era = shifted / 400;
        int yearOfEra = shifted - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }

    /// Microseconds of `HH:mm`, `HH:mm:ss` or `HH:mm:ss.` and one to six digits; else negative.
    static long microOfDay(byte[] b, int from, int to) {
        int length = to - from;
        if (length != 5 && length != 8 && (length < 10 || length > 15)) {
            return -1;
        }
        int hour = pair(b, from);
        int minute = pair(b, from + 3);
        int second = length > 5 ? pair(b, from + 6) : 0;
        if (b[from + 2] != ':'
                || length > 5 && b[from + 5] != ':'
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 59) {
            return -1;
        }
        int micros = 0;
        if (length > 8) {
            if (b[from + 8] != '.') {
                return -1;
            }
            for (int i = from + 9; i < from + 15; i++) {
                if (i < to && !digit(b[i])) {
                    return -1;
                }
                micros = micros * 10 + (i < to ? b[i] - '0' : 0);
            }
        }
        return (hour * 3600L + minute * 60L + second) * 1_000_000L + micros;
    }

    private static int pair(byte[] b, int at) {
        return digit(b[at]) && digit(b[at + 1]) ? (b[at] - '0') * 10 + b[at + 1] - '0' : -1;
    }

    static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
