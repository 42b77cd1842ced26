package io.levada.ingest.snapshot;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// PostgreSQL's COPY text format: rows into fields. [PostgresText] makes values of them.
///
/// See "COPY, File Formats, Text Format" in PostgreSQL's manual.
final class CopyText {
    private CopyText() {}

    /// The fields of one row; NULL is null.
    static @Nullable String[] fields(byte[] row, int columns) {
        String line = new String(row, 0, lengthWithoutNewline(row), StandardCharsets.UTF_8);
        @Nullable String[] fields = new String[columns];
        int start = 0;
        for (int i = 0; i < columns; i++) {
            int tab = line.indexOf('\t', start);
            int end = tab < 0 ? line.length() : tab;
            fields[i] = unescaped(line, start, end);
            start = end + 1;
        }
        return fields;
    }

    private static int lengthWithoutNewline(byte[] row) {
        return row.length > 0 && row[row.length - 1] == '\n' ? row.length - 1 : row.length;
    }

    private static @Nullable String unescaped(String line, int start, int end) {
        int backslash = line.indexOf('\\', start);
        if (backslash < 0 || backslash >= end) {
            return line.substring(start, end);
        }
        if (end - start == 2 && line.charAt(start + 1) == 'N') {
            return null;
        }
        StringBuilder text = new StringBuilder(end - start);
        for (int i = start; i < end; i++) {
            char c = line.charAt(i);
            text.append(c == '\\' ? escape(line.charAt(++i)) : c);
        }
        return text.toString();
    }

    private static char escape(char code) {
        return switch (code) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> '\u000b';
            default -> code;
        };
    }
}
