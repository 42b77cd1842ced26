package io.levada.ingest.files;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/// The values of texts, as UTF-8 from `from` to `to`, that passed the condition of their type in [TextShapes]; of no
/// others. Numbers, days and times are in Iceberg's internal form.
final class TextValues {
    private static final int MOST_DIGITS_OF_A_LONG = 18;
    private static final int DAYS_PER_ERA = 146_097;
    private static final int YEARS_PER_ERA = 400;

    /// From 0000-03-01, where the arithmetic begins, to 1970-01-01.
    private static final int DAYS_TO_1970 = 719_468;

    private static final int DAY_BYTES = 10;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
    private static final long MICROS_PER_DAY = 24 * 60 * MICROS_PER_MINUTE;
    private static final int MICROS_DIGITS = 6;
    private static final int UUID_BYTES = 16;

    /// Digits that make a whole number which a double, or a float, holds exactly, as it does these powers of ten: one
    /// division of the two is then rounded once, and so correctly.
    private static final int EXACT_DIGITS = 15;

    private static final int EXACT_FLOAT_DIGITS = 7;
    private static final int EXACT_FLOAT_POWER = 10;

    private static final long[] LONG_POWERS = new long[MOST_DIGITS_OF_A_LONG + 1];
    private static final double[] POWERS = new double[EXACT_DIGITS + 1];

    static {
        LONG_POWERS[0] = 1;
        for (int i = 1; i < LONG_POWERS.length; i++) {
            LONG_POWERS[i] = 10 * LONG_POWERS[i - 1];
        }
        for (int i = 0; i < POWERS.length; i++) {
            POWERS[i] = LONG_POWERS[i];
        }
    }

    private TextValues() {}

    static long bool(byte[] text, int from, int to) {
        return to - from == "true".length() ? 1 : 0;
    }

    static long integer(byte[] text, int from, int to) {
        boolean negative = text[from] == '-';
        long size = 0;
        for (int i = negative ? from + 1 : from; i < to; i++) {
            size = size * 10 + (text[i] - '0');
        }
        return negative ? -size : size;
    }

    /// The unscaled value of a decimal of at most 18 digits.
    static long decimal(byte[] text, int from, int to, int scale) {
        boolean negative = text[from] == '-';
        long unscaled = 0;
        int missing = -1;
        for (int i = negative ? from + 1 : from; i < to && missing != 0; i++) {
            if (text[i] == '.') {
                missing = scale;
            } else {
                unscaled = unscaled * 10 + (text[i] - '0');
                missing -= missing > 0 ? 1 : 0;
            }
        }
        unscaled *= LONG_POWERS[missing < 0 ? scale : missing];
        return negative ? -unscaled : unscaled;
    }

    /// The unscaled value of a decimal as two's complement, the most significant byte first.
    static byte[] bigDecimal(byte[] text, int from, int to, int scale, int width) {
        String number = new String(text, from, to - from, StandardCharsets.US_ASCII);
        BigInteger unscaled = new BigDecimal(number).setScale(scale).unscaledValue();
        byte[] digits = unscaled.toByteArray();
        byte[] padded = new byte[width];
        Arrays.fill(padded, 0, width - digits.length, (byte) (digits[0] < 0 ? 0xff : 0));
        System.arraycopy(digits, 0, padded, width - digits.length, digits.length);
        return padded;
    }

    /// The bits of a double.
    static long doubleBits(byte[] text, int from, int to) {
        double simple = simple(text, from, to, EXACT_DIGITS, EXACT_DIGITS);
        return Double.doubleToRawLongBits(Double.isNaN(simple) ? Double.parseDouble(ascii(text, from, to)) : simple);
    }

    /// The bits of the double that is equal to a float.
    static long floatBits(byte[] text, int from, int to) {
        double simple = simple(text, from, to, EXACT_FLOAT_DIGITS, EXACT_FLOAT_POWER);
        return Double.doubleToRawLongBits(
                Double.isNaN(simple) ? Float.parseFloat(ascii(text, from, to)) : (float) simple);
    }

    private static String ascii(byte[] text, int from, int to) {
        return new String(text, from, to - from, StandardCharsets.US_ASCII);
    }

    /// A number of few digits without exponent; NaN for any other.
    private static double simple(byte[] text, int from, int to, int mostDigits, int mostPower) {
        boolean negative = text[from] == '-';
        int first = negative ? from + 1 : from;
        if (to - first > mostDigits + 1) {
            return Double.NaN;
        }
        long digits = 0;
        int count = 0;
        int point = -1;
        for (int i = first; i < to; i++) {
            byte b = text[i];
            if (b >= '0' && b <= '9') {
                digits = digits * 10 + (b - '0');
                count++;
            } else if (b == '.' && point < 0) {
                point = i;
            } else {
                return Double.NaN;
            }
        }
        int power = point < 0 ? 0 : to - point - 1;
        if (count > mostDigits || power > mostPower) {
            return Double.NaN;
        }
        double size = digits / POWERS[power];
        return negative ? -size : size;
    }

    private static int number(byte[] text, int from, int digits) {
        int number = 0;
        for (int i = from; i < from + digits; i++) {
            number = number * 10 + (text[i] - '0');
        }
        return number;
    }

    private static int two(byte[] text, int from) {
        return 10 * text[from] + text[from + 1] - 11 * '0';
    }

    /// Days from 1970-01-01, by the arithmetic of years that begin in March.
    static long day(byte[] text, int from) {
        int month = two(text, from + 5);
        int year = 100 * two(text, from) + two(text, from + 2) - (month <= 2 ? 1 : 0);
        int era = year / YEARS_PER_ERA;
        int yearOfEra = year - era * YEARS_PER_ERA;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + two(text, from + 8) - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return (long) era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
    }

    /// Microseconds from midnight.
    static long timeOfDay(byte[] text, int from, int to) {
        long minutes = two(text, from) * 60L + two(text, from + 3);
        long micros = minutes * MICROS_PER_MINUTE;
        if (to - from >= 8) {
            micros += two(text, from + 6) * MICROS_PER_SECOND;
        }
        int digits = to - from - 9;
        return digits <= 0 ? micros : micros + number(text, from + 9, digits) * LONG_POWERS[MICROS_DIGITS - digits];
    }

    /// Microseconds from 1970-01-01, of a text without zone.
    static long timestamp(byte[] text, int from, int to) {
        return day(text, from) * MICROS_PER_DAY + timeOfDay(text, from + DAY_BYTES + 1, to);
    }

    /// Microseconds from 1970-01-01 in UTC.
    static long timestamptz(byte[] text, int from, int to) {
        if (text[to - 1] == 'Z') {
            return timestamp(text, from, to - 1);
        }
        int zone = to - 6;
        long minutes = two(text, zone + 1) * 60L + two(text, zone + 4);
        long offset = text[zone] == '-' ? -minutes : minutes;
        return timestamp(text, from, zone) - offset * MICROS_PER_MINUTE;
    }

    static byte[] uuid(byte[] text, int from) {
        byte[] uuid = new byte[UUID_BYTES];
        int at = from;
        for (int i = 0; i < UUID_BYTES; i++) {
            at += text[at] == '-' ? 1 : 0;
            uuid[i] = (byte) (Character.digit(text[at], 16) << 4 | Character.digit(text[at + 1], 16));
            at += 2;
        }
        return uuid;
    }

    static byte[] base64(byte[] text, int from, int to) {
        return Base64.getDecoder().decode(Arrays.copyOfRange(text, from, to));
    }
}
