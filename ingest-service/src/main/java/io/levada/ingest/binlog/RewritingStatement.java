package io.levada.ingest.binlog;

import java.util.Locale;
import java.util.regex.Pattern;

/// Tells which definition statements may change a table's rows without saying so row by row.
///
/// The text decides, and in doubt a statement is one: a load too many is harmless.
final class RewritingStatement {
    private static final Pattern DEFINES = Pattern.compile("(alter|rename|drop|create|import)\\b", Pattern.DOTALL);
    private static final Pattern REWRITES = Pattern.compile(
            "^(drop|rename|create)\\b.*\\btable\\b"
                    + "|\\b(partition|default|modify|change|rename|import|convert|exchange|generated|as\\s*\\(|not\\s+null)\\b",
            Pattern.DOTALL);

    private RewritingStatement() {}

    /// @param table the table's name without its database
    static boolean mayChange(String sql, String table) {
        String text = TruncateStatement.withoutComments(sql).strip().toLowerCase(Locale.ROOT);
        return DEFINES.matcher(text).lookingAt()
                && names(text, table.toLowerCase(Locale.ROOT))
                && REWRITES.matcher(text).find();
    }

    private static boolean names(String text, String table) {
        return Pattern.compile("(?<![\\w$])" + Pattern.quote(table) + "(?![\\w$])")
                .matcher(text)
                .find();
    }
}
