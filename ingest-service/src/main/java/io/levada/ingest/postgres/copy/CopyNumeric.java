package io.levada.ingest.postgres.copy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/// PostgreSQL's binary numeric: digits of base 10,000, the weight of the first, a sign, and the scale to show.
final class CopyNumeric {
    private static final int HEADER_BYTES = 8;
    private static final int NEGATIVE = 0x4000;
    private static final int NAN = 0xc000;
    private static final int POSITIVE_INFINITY = 0xd000;
    private static final int NEGATIVE_INFINITY = 0xf000;
    private static final int BASE = 10_000;
    private static final int BASE_DIGITS = 4;
    private static final int MOST_DIGITS_OF_A_LONG = 18;
    private static final long[] POWERS = new long[MOST_DIGITS_OF_A_LONG + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    private CopyNumeric() {}

    /// The value as an unscaled number of at most 18 digits.
    ///
    /// @throws ArithmeticException where it does not fit
    static long unscaled(byte[] bytes, int at, int precision, int scale) {
        int sign = sign(bytes, at);
        int digits = CopyRow.int16(bytes, at);
        int weight = CopyRow.int16(bytes, at + 2);
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = CopyRow.int16(bytes, at + HEADER_BYTES + 2 * i);
            int exponent = BASE_DIGITS * (weight - i) + scale;
            if (digit == 0) {
                continue;
            }
            if (exponent >= 0) {
                value = Math.addExact(value, Math.multiplyExact(digit, power(exponent)));
            } else {
                long divisor = power(-exponent);
                if (digit % divisor != 0) {
                    throw new ArithmeticException("Rounding necessary");
                }
                value = Math.addExact(value, digit / divisor);
            }
        }
        if (value >= power(precision)) {
            throw new ArithmeticException("Too many digits");
        }
        return sign == NEGATIVE ? -value : value;
    }

    private static long power(int exponent) {
        if (exponent > MOST_DIGITS_OF_A_LONG) {
            throw new ArithmeticException("Too many digits");
        }
        return POWERS[exponent];
    }

    /// The value as an unscaled number of any size.
    ///
    /// @throws ArithmeticException where it does not fit
    static BigInteger unscaledBig(byte[] bytes, int at, int precision, int scale) {
        BigDecimal value = decimal(bytes, at).setScale(scale, RoundingMode.UNNECESSARY);
        if (value.precision() > precision) {
            throw new ArithmeticException("Too many digits");
        }
        return value.unscaledValue();
    }

    private static BigDecimal decimal(byte[] bytes, int at) {
        int sign = sign(bytes, at);
        int digits = CopyRow.int16(bytes, at);
        int weight = CopyRow.int16(bytes, at + 2);
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < digits; i++) {
            value = value.multiply(BigInteger.valueOf(BASE))
                    .add(BigInteger.valueOf(CopyRow.int16(bytes, at + HEADER_BYTES + 2 * i)));
        }
        BigDecimal exact = new BigDecimal(value, BASE_DIGITS * (digits - 1 - weight));
        return sign == NEGATIVE ? exact.negate() : exact;
    }

    private static int sign(byte[] bytes, int at) {
        int sign = CopyRow.int16(bytes, at + 4) & 0xffff;
        if (sign == NAN || sign == POSITIVE_INFINITY || sign == NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("NaN and infinity have no counterpart as decimal");
        }
        return sign;
    }

    /// As PostgreSQL writes it.
    static String text(byte[] bytes, int at) {
        return switch (CopyRow.int16(bytes, at + 4) & 0xffff) {
            case NAN -> "NaN";
            case POSITIVE_INFINITY -> "Infinity";
            case NEGATIVE_INFINITY -> "-Infinity";
            default ->
                decimal(bytes, at)
                        .setScale(CopyRow.int16(bytes, at + 6), RoundingMode.UNNECESSARY)
                        .toPlainString();
        };
    }
}
