package io.levada.local;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// What of an entry of `raw.quarantine` a line of a terminal has room for; the table has all of it.
final class QuarantinedCells {
    static final String MORE = " ...";

    private static final int LONGEST_ROW = 60;
    private static final int LONGEST_REASON = 100;
    private static final int LONGEST_PLACE = 60;

    /// Enough for the longest row, also where each character takes four.
    private static final int READ_BYTES = 4 * LONGEST_ROW;

    private static final int HEX_BYTES = 24;

    private QuarantinedCells() {}

    /// Bytes of a row as text, or in hexadecimal where more than a tenth of it can not be shown.
    static String row(byte[] raw) {
        String text = new String(Arrays.copyOf(raw, Math.min(raw.length, READ_BYTES)), StandardCharsets.UTF_8);
        if (10 * text.codePoints().filter(QuarantinedCells::isNotShown).count() > text.length()) {
            return "0x"
                    + HexFormat.of().formatHex(raw, 0, Math.min(raw.length, HEX_BYTES))
                    + (raw.length > HEX_BYTES ? MORE : "");
        }
        return cut(text, LONGEST_ROW);
    }

    static String reason(String reason) {
        return cut(reason, LONGEST_REASON);
    }

    /// Of a long path the end, which has the file's name and the record.
    static String place(String place) {
        int over = place.length() - LONGEST_PLACE;
        return over > 0 ? "..." + place.substring(over + "...".length()) : place;
    }

    /// An instant without what is below seconds.
    static String time(String instant) {
        return instant.replaceFirst("\\.[0-9]+", "");
    }

    /// A byte that is none of UTF-8, or a control character that is no white space.
    private static boolean isNotShown(int character) {
        return character == 0xfffd || Character.isISOControl(character) && !Character.isWhitespace(character);
    }

    private static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = longest - MORE.length();
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + MORE;
    }
}
