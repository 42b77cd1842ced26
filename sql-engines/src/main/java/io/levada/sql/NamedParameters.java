package io.levada.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A statement whose `:name` parameters became positional ones, ready to be prepared.
///
/// Text in string literals, quoted identifiers, dollar quotes and comments stays as it is, and so do `::` casts. As
/// everywhere with named parameters, a colon that is directly followed by a name is one: slices and struct literals
/// with a column behind the colon take a blank (`list[1: n]`). Values are bound, never spliced into the text.
///
/// @param sql the statement with `$1`, `$2`, ...; a name used twice is one position
/// @param names the parameters' names, by position
public record NamedParameters(String sql, List<String> names) {
    public NamedParameters {
        names = List.copyOf(names);
    }

    /// Finds the parameters of a statement.
    ///
    /// @throws QueryException [SqlError#POSITIONAL_PARAMETER] where the text has positional parameters of its own
    public static NamedParameters parse(String sql) {
        return read(sql).statement();
    }

    /// Finds the parameters of a statement, and puts a view of [AsOfClause#SCHEMA] in the place of every table
    /// that it reads as it was.
    ///
    /// @throws QueryException [SqlError#POSITIONAL_PARAMETER], or [SqlError#AS_OF]
    static Text read(String sql) {
        Scanner scanner = new Scanner(sql, true);
        scanner.scan();
        return new Text(
                new NamedParameters(scanner.out.toString(), scanner.names),
                List.copyOf(scanner.clauses),
                List.copyOf(scanner.viewEnds));
    }

    /// @param clauses in their order in the text
    /// @param viewEnds where the name of each clause's view ends in the statement
    record Text(NamedParameters statement, List<AsOfClause> clauses, List<Integer> viewEnds) {}

    /// The text of a statement that was accepted as the only one, without the semicolons around it:
    /// fit for parentheses, where a line break follows it.
    String body() {
        Scanner scanner = new Scanner(sql, false);
        scanner.scan();
        return scanner.out.toString();
    }

    /// The values by position.
    ///
    /// @throws QueryException where a parameter has no value, or a value no parameter
    public List<@Nullable Object> bind(Map<String, ? extends @Nullable Object> values) {
        TreeSet<String> unknown = new TreeSet<>(values.keySet());
        names.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new QueryException(
                    SqlError.PARAMETER_UNKNOWN,
                    "The query has no parameter " + String.join(", ", unknown) + "; its parameters are " + names);
        }
        List<@Nullable Object> bound = new ArrayList<>();
        for (String name : names) {
            if (!values.containsKey(name)) {
                throw new QueryException(SqlError.PARAMETER_MISSING, "The parameter " + name + " has no value");
            }
            bound.add(values.get(name));
        }
        return bound;
    }

    private static final class Scanner {
        private final String text;
        private final StringBuilder out = new StringBuilder();
        private final List<String> names = new ArrayList<>();
        private final List<AsOfClause> clauses = new ArrayList<>();
        private final List<Integer> viewEnds = new ArrayList<>();
        private final boolean naming;
        private int at;

        /// The dotted name that ends at the last token, as a table's name does before FOR.
        private final List<String> chain = new ArrayList<>();

        private int chainStart;
        private boolean dotted;

        /// @param naming whether names become positions; otherwise semicolons become blanks
        Scanner(String text, boolean naming) {
            this.text = text;
            this.naming = naming;
        }

        void scan() {
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '"') {
                    quotedName();
                } else if (text.startsWith("--", at)) {
                    copyTo(endOfLine());
                } else if (text.startsWith("/*", at)) {
                    copyTo(endOfComment());
                } else if (isNamePart(c)) {
                    word();
                } else if (c == '.' && !chain.isEmpty()) {
                    dotted = true;
                    copyTo(at + 1);
                } else if (Character.isWhitespace(c)) {
                    copyTo(at + 1);
                } else {
                    chain.clear();
                    dotted = false;
                    other(c);
                }
            }
        }

        private void other(char c) {
            if (c == '\'') {
                copyTo(endOfQuoted('\'', false));
            } else if (c == '$') {
                copyTo(endOfDollarQuote());
            } else if (c == '?' && naming) {
                throw positional("?");
            } else if (c == ':' && naming) {
                colon();
            } else if (c == ';' && !naming) {
                out.append(' ');
                at++;
            } else {
                copyTo(at + 1);
            }
        }

        private void name(String part) {
            if (!dotted) {
                chain.clear();
                chainStart = out.length();
            }
            chain.add(part);
            dotted = false;
        }

        private void quotedName() {
            int end = endOfQuoted('"', false);
            name(text.substring(Math.min(at + 1, end), Math.max(at + 1, end - 1))
                    .replace("\"\"", "\""));
            copyTo(end);
        }

        /// A table's name and the clause behind it become the name of a view.
        private void asOf(AsOfReader clause) {
            if (chain.size() != 2) {
                throw new QueryException(
                        SqlError.AS_OF,
                        clause.words() + " stands behind "
                                + (chain.isEmpty()
                                        ? "no table"
                                        : String.join(".", chain)
                                                + ", not behind the namespace.name of a table, before its alias"));
            }
            AsOfClause read = clause.read(clauses.size(), chain.getFirst() + "." + chain.getLast());
            out.setLength(chainStart);
            out.append(LakeSession.quotedTable(read.view()));
            clauses.add(read);
            viewEnds.add(out.length());
            chain.clear();
            at = clause.end();
        }

        private void word() {
            int end = endOfName(at);
            if (naming) {
                Optional<AsOfReader> clause = AsOfReader.at(text, at, this::afterBlanks);
                if (clause.isPresent()) {
                    asOf(clause.get());
                    return;
                }
            }
            name(text.substring(at, end));
            boolean escapes = end - at == 1
                    && Character.toLowerCase(text.charAt(at)) == 'e'
                    && end < text.length()
                    && text.charAt(end) == '\'';
            copyTo(end);
            if (escapes) {
                chain.clear();
                copyTo(endOfQuoted('\'', true));
            }
        }

        /// Where the next token behind blanks and comments begins.
        private int afterBlanks(int from) {
            int before = at;
            at = from;
            while (at < text.length()) {
                if (Character.isWhitespace(text.charAt(at))) {
                    at++;
                } else if (text.startsWith("--", at)) {
                    at = endOfLine();
                } else if (text.startsWith("/*", at)) {
                    at = endOfComment();
                } else {
                    break;
                }
            }
            int found = at;
            at = before;
            return found;
        }

        private void colon() {
            if (text.startsWith("::", at) || text.startsWith(":=", at)) {
                copyTo(at + 2);
                return;
            }
            int end = at + 1;
            if (end == text.length() || !isNameStart(text.charAt(end))) {
                copyTo(end);
                return;
            }
            end = endOfName(end);
            String name = text.substring(at + 1, end);
            if (!names.contains(name)) {
                names.add(name);
            }
            if (!out.isEmpty() && isNamePart(out.charAt(out.length() - 1))) {
                out.append(' ');
            }
            out.append('$').append(names.indexOf(name) + 1);
            at = end;
        }

        private int endOfQuoted(char quote, boolean escapes) {
            int end = at + 1;
            while (end < text.length()) {
                char c = text.charAt(end);
                if (escapes && c == '\\') {
                    end += 2;
                } else if (c != quote) {
                    end++;
                } else if (text.startsWith(String.valueOf(quote), end + 1)) {
                    end += 2;
                } else {
                    return end + 1;
                }
            }
            return text.length();
        }

        private int endOfLine() {
            int end = at;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            return end;
        }

        private int endOfComment() {
            int end = at + 2;
            int depth = 1;
            while (end < text.length() && depth > 0) {
                if (text.startsWith("/*", end)) {
                    depth++;
                    end += 2;
                } else if (text.startsWith("*/", end)) {
                    depth--;
                    end += 2;
                } else {
                    end++;
                }
            }
            return Math.min(end, text.length());
        }

        private int endOfDollarQuote() {
            int tagEnd = at + 1;
            while (tagEnd < text.length() && isNamePart(text.charAt(tagEnd)) && text.charAt(tagEnd) != '$') {
                tagEnd++;
            }
            String tag = text.substring(at, Math.min(tagEnd + 1, text.length()));
            if (tag.length() < 2 || !tag.endsWith("$") || Character.isDigit(tag.charAt(1))) {
                if (naming) {
                    throw positional(tag);
                }
                return at + 1;
            }
            int close = text.indexOf(tag, at + tag.length());
            return close < 0 ? text.length() : close + tag.length();
        }

        private int endOfName(int from) {
            int end = from;
            while (end < text.length() && isNamePart(text.charAt(end))) {
                end++;
            }
            return end;
        }

        private void copyTo(int end) {
            int bounded = Math.min(end, text.length());
            out.append(text, at, bounded);
            at = bounded;
        }

        private static boolean isNameStart(char c) {
            return c == '_' || Character.isLetter(c);
        }

        private static boolean isNamePart(char c) {
            return c == '_' || Character.isLetterOrDigit(c);
        }

        private static QueryException positional(String found) {
            return new QueryException(
                    SqlError.POSITIONAL_PARAMETER, "'" + found.strip() + "' is a positional parameter; write :name");
        }
    }
}
