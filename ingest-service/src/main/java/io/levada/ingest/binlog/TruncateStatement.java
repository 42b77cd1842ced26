package io.levada.ingest.binlog;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the table of a `TRUNCATE` in a statement of the binary log.
final class TruncateStatement {
    private static final Pattern COMMENTS = Pattern.compile("/\\*(?!!|M!).*?\\*/|(?m)(--\\s|#).*$", Pattern.DOTALL);
    private static final String NAME = "(?:`((?:[^`]|``)+)`|\"((?:[^\"]|\"\")+)\"|([^\\s.`\";]+))";
    private static final Pattern TRUNCATE = Pattern.compile(
            "\\s*(?:SET\\s+STATEMENT\\s.+?\\sFOR\\s+)?TRUNCATE\\s+(?:TABLE\\s+)?" + NAME + "(?:\\s*\\.\\s*" + NAME
                    + ")?(?:\\s+(?:WAIT\\s+\\d+|NOWAIT))?\\s*;?\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private TruncateStatement() {}

    /// @param database that the statement ran in
    /// @return `database.table`, as written
    static Optional<String> table(String sql, String database) {
        if (!sql.toLowerCase(Locale.ROOT).contains("truncate")) {
            return Optional.empty();
        }
        Matcher matcher = TRUNCATE.matcher(withoutComments(sql));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String first = name(matcher, 1);
        return Optional.of(first == null ? "" : second(matcher, first, database));
    }

    static String withoutComments(String sql) {
        return COMMENTS.matcher(sql).replaceAll(" ");
    }

    private static String second(Matcher matcher, String first, String database) {
        String second = name(matcher, 4);
        return second == null ? database + "." + first : first + "." + second;
    }

    private static @org.jspecify.annotations.Nullable String name(Matcher matcher, int group) {
        if (matcher.group(group) != null) {
            return matcher.group(group).replace("``", "`");
        }
        if (matcher.group(group + 1) != null) {
            return matcher.group(group + 1).replace("\"\"", "\"");
        }
        return matcher.group(group + 2);
    }
}
