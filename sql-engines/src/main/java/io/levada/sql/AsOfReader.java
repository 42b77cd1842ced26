package io.levada.sql;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/// Reads one `FOR VERSION AS OF` or `FOR TIMESTAMP AS OF` of a statement's text, with what it names: a number, a
/// string, `TIMESTAMP '...'`, `DATE '...'` or a `:name`.
final class AsOfReader {
    private static final Set<String> VERSION = Set.of("version", "system_version");
    private static final Set<String> TIME = Set.of("timestamp", "system_time");

    private final String text;
    private final IntUnaryOperator afterBlanks;
    private final boolean ofTime;
    private int at;

    private AsOfReader(String text, IntUnaryOperator afterBlanks, boolean ofTime, int at) {
        this.text = text;
        this.afterBlanks = afterBlanks;
        this.ofTime = ofTime;
        this.at = at;
    }

    /// The clause that begins with the word at `start`, if one does.
    ///
    /// @param afterBlanks where the next token behind blanks and comments begins
    static Optional<AsOfReader> at(String text, int start, IntUnaryOperator afterBlanks) {
        if (!word(text, start).equals("for")) {
            return Optional.empty();
        }
        int at = afterBlanks.applyAsInt(start + 3);
        String kind = word(text, at);
        if (!VERSION.contains(kind) && !TIME.contains(kind)) {
            return Optional.empty();
        }
        at = afterBlanks.applyAsInt(at + kind.length());
        for (String expected : List.of("as", "of")) {
            if (!word(text, at).equals(expected)) {
                return Optional.empty();
            }
            at = afterBlanks.applyAsInt(at + 2);
        }
        return Optional.of(new AsOfReader(text, afterBlanks, TIME.contains(kind), at));
    }

    /// As the standard writes it.
    String words() {
        return ofTime ? "FOR TIMESTAMP AS OF" : "FOR VERSION AS OF";
    }

    /// @param index of the clause in its statement
    /// @throws QueryException [SqlError#AS_OF] where it names nothing that can be read
    AsOfClause read(int index, String table) {
        String view = AsOfClause.SCHEMA + "." + index;
        if (at < text.length()
                && text.charAt(at) == ':'
                && at + 1 < text.length()
                && isNameStart(text.charAt(at + 1))) {
            String name = name(at + 1);
            at += 1 + name.length();
            return new AsOfClause(view, table, ofTime, name, null);
        }
        return new AsOfClause(view, table, ofTime, null, ofTime ? time(table) : version(table));
    }

    /// Behind the clause; known once it is read.
    int end() {
        return at;
    }

    private AsOf version(String table) {
        String digits = name(at);
        if (!digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            at += digits.length();
            return new AsOf.Snapshot(snapshotId(digits, table));
        }
        return new AsOf.Ref(string("a snapshot's id, or a tag or branch in quotes", table));
    }

    private static long snapshotId(String digits, String table) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new QueryException(SqlError.AS_OF, digits + " is no snapshot id of " + table, e);
        }
    }

    private AsOf time(String table) {
        String type = word(text, at);
        if (type.equals("timestamp") || type.equals("timestamptz") || type.equals("date")) {
            at = afterBlanks.applyAsInt(at + type.length());
            for (String word : List.of("with", "time", "zone")) {
                if (word(text, at).equals(word)) {
                    at = afterBlanks.applyAsInt(at + word.length());
                }
            }
        }
        return new AsOf.Time(AsOfTime.parse(string("a time, such as TIMESTAMP '2026-11-21 10:00:00'", table)));
    }

    private String string(String what, String table) {
        if (at >= text.length() || text.charAt(at) != '\'') {
            throw unreadable(what, table);
        }
        StringBuilder value = new StringBuilder();
        int end = at + 1;
        while (end < text.length()) {
            if (text.charAt(end) != '\'') {
                value.append(text.charAt(end++));
            } else if (text.startsWith("''", end)) {
                value.append('\'');
                end += 2;
            } else {
                at = end + 1;
                return value.toString();
            }
        }
        throw unreadable(what, table);
    }

    private QueryException unreadable(String what, String table) {
        String found = text.substring(Math.min(at, text.length()), Math.min(at + 20, text.length()));
        return new QueryException(
                SqlError.AS_OF,
                words() + " behind " + table + " takes " + what + ", or a :name, not '" + found.strip() + "'");
    }

    private String name(int from) {
        int end = from;
        while (end < text.length() && (text.charAt(end) == '_' || Character.isLetterOrDigit(text.charAt(end)))) {
            end++;
        }
        return text.substring(from, end);
    }

    private static boolean isNameStart(char c) {
        return c == '_' || Character.isLetter(c);
    }

    private static String word(String text, int from) {
        int end = from;
        while (end < text.length() && (text.charAt(end) == '_' || Character.isLetterOrDigit(text.charAt(end)))) {
            end++;
        }
        return text.substring(Math.min(from, text.length()), end).toLowerCase(Locale.ROOT);
    }
}
