package io.levada.ingest.files;

import io.levada.definition.CsvSettings;

/// Finds what the definition does not say of a CSV file's form.
final class CsvDetection {
    private static final byte[] DELIMITERS = {',', ';', '\t', '|'};

    private CsvDetection() {}

    static CsvRecords.Dialect dialect(byte[] text, CsvSettings settings) {
        byte quote = settings.quote() == null ? 0 : (byte) (char) settings.quote();
        Character escape = settings.escape();
        Character delimiter = settings.delimiter();
        return new CsvRecords.Dialect(
                delimiter == null ? delimiter(text, quote) : (byte) (char) delimiter,
                quote,
                escape == null ? quote : (byte) (char) escape);
    }

    /// The candidate that stands most often outside quotes in the first line that is not blank.
    private static byte delimiter(byte[] text, byte quote) {
        int[] counts = new int[DELIMITERS.length];
        boolean inQuotes = false;
        boolean any = false;
        for (byte b : text) {
            if (b == quote) {
                inQuotes = !inQuotes;
                any = true;
            } else if (!inQuotes && (b == '\n' || b == '\r')) {
                if (any) {
                    break;
                }
            } else if (!inQuotes) {
                any = true;
                for (int d = 0; d < DELIMITERS.length; d++) {
                    counts[d] += b == DELIMITERS[d] ? 1 : 0;
                }
            }
        }
        int best = 0;
        for (int d = 1; d < DELIMITERS.length; d++) {
            best = counts[d] > counts[best] ? d : best;
        }
        return DELIMITERS[best];
    }
}
