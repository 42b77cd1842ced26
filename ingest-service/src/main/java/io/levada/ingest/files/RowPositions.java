package io.levada.ingest.files;

import java.nio.charset.StandardCharsets;

/// The `_pos` of the rows of one file: source epoch, number of the file, ordinal of the record.
record RowPositions(long fileNumber) {
    private static final int ORDINAL_DIGITS = 20;

    /// Beyond all ordinals, so that a sum with it has a fixed number of digits.
    private static final String BILLION_BILLIONS = "1000000000000000000";

    private String file() {
        return "0001-%020d-".formatted(fileNumber);
    }

    String at(long ordinal) {
        return file() + "%020d".formatted(ordinal);
    }

    /// The same in SQL.
    ///
    /// @param ordinal an expression
    String sql(String ordinal) {
        return "'" + file() + "00' || substr(CAST(" + ordinal + " + " + BILLION_BILLIONS + " AS VARCHAR), 2)";
    }

    /// A position that is moved from record to record.
    Text text() {
        return new Text(at(0).getBytes(StandardCharsets.US_ASCII));
    }

    /// Not safe for use by several threads.
    static final class Text {
        private final byte[] bytes;
        private long ordinal;

        private Text(byte[] bytes) {
            this.bytes = bytes;
        }

        void moveTo(long next) {
            if (next == ordinal + 1) {
                int last = bytes.length - 1;
                while (bytes[last] == '9') {
                    bytes[last--] = '0';
                }
                bytes[last]++;
            } else {
                long rest = next;
                for (int i = 1; i <= ORDINAL_DIGITS; i++) {
                    bytes[bytes.length - i] = (byte) ('0' + rest % 10);
                    rest /= 10;
                }
            }
            ordinal = next;
        }

        /// In ASCII; the same array each time.
        byte[] bytes() {
            return bytes;
        }
    }
}
