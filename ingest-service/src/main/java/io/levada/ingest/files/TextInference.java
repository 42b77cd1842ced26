package io.levada.ingest.files;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/// Finds what kinds of values the texts of columns can be, all of them, in DuckDB.
final class TextInference {
    /// The first rows rule most kinds out cheaply.
    private static final long FIRST_ROWS = 2048L;

    /// Kinds that only formats with types tell.
    private static final Set<ColumnInference.Kind> TOLD =
            Set.of(ColumnInference.Kind.DOUBLE, ColumnInference.Kind.UUID, ColumnInference.Kind.BINARY);

    private TextInference() {}

    /// @param cell the column's name in the relation
    record Column(String cell, ColumnInference inference) {}

    /// Takes in all values of a relation.
    ///
    /// @param rows about how many there are
    static void read(Connection connection, String relation, long rows, List<Column> columns) throws SQLException {
        if (rows > 4 * FIRST_ROWS) {
            narrow(connection, "(FROM " + relation + " LIMIT " + FIRST_ROWS + ")", columns, true);
        }
        List<Column> broken = narrow(connection, relation, columns, false);
        if (!broken.isEmpty()) {
            narrow(connection, relation, broken, false);
        }
    }

    /// Whole numbers are decimals too, so those are asked for only where a column is not of whole numbers.
    ///
    /// @param ruling whether only kinds are ruled out, as the rows are not all
    /// @return the columns that are to be read again, since some values are not whole numbers
    private static List<Column> narrow(Connection connection, String relation, List<Column> columns, boolean ruling)
            throws SQLException {
        List<Question> questions = new ArrayList<>();
        StringJoiner sql = new StringJoiner(", ");
        for (Column column : columns) {
            Question question = Question.about(column);
            questions.add(question);
            question.ask(sql);
        }
        List<Column> again = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("SELECT " + sql + " FROM " + relation)) {
            answer.next();
            int at = 1;
            for (Question question : questions) {
                if (question.take(answer, at, ruling)) {
                    again.add(question.column());
                }
                at += question.answers();
            }
        }
        return again;
    }

    /// What is asked of one column.
    private record Question(Column column, List<ColumnInference.Kind> kinds, boolean whole) {
        static Question about(Column column) {
            Set<ColumnInference.Kind> kinds = EnumSet.noneOf(ColumnInference.Kind.class);
            kinds.addAll(column.inference().kinds());
            kinds.removeAll(TOLD);
            boolean whole = kinds.contains(ColumnInference.Kind.LONG);
            if (whole) {
                kinds.remove(ColumnInference.Kind.DECIMAL);
            }
            return new Question(column, List.copyOf(kinds), whole);
        }

        int answers() {
            return 1 + kinds.size() + (sized() ? 2 : 0);
        }

        private boolean sized() {
            return whole || kinds.contains(ColumnInference.Kind.DECIMAL);
        }

        void ask(StringJoiner sql) {
            String cell = column.cell();
            sql.add("count(" + cell + ")");
            for (ColumnInference.Kind kind : kinds) {
                sql.add("bool_and(" + ValueForm.inferred(kind, cell) + ") FILTER (WHERE " + cell + " IS NOT NULL)");
            }
            if (whole) {
                sql.add("max(length(CAST(abs(TRY_CAST(" + cell + " AS HUGEINT)) AS VARCHAR)))")
                        .add("0");
            } else if (sized()) {
                String point = "strpos(" + cell + ", '.')";
                sql.add("max(CASE WHEN starts_with(" + cell + ", '0') OR starts_with(" + cell
                        + ", '-0') THEN 0 ELSE (CASE "
                        + point + " WHEN 0 THEN length(" + cell + ") ELSE " + point + " - 1 END) - CAST(starts_with("
                        + cell + ", '-') AS INTEGER) END)");
                sql.add("max(CASE " + point + " WHEN 0 THEN 0 ELSE length(" + cell + ") - " + point + " END)");
            }
        }

        /// @return whether the column is to be read again for decimals
        boolean take(ResultSet answer, int first, boolean ruling) throws SQLException {
            if (answer.getLong(first) == 0) {
                return false;
            }
            Set<ColumnInference.Kind> fitting = EnumSet.noneOf(ColumnInference.Kind.class);
            int at = first + 1;
            for (ColumnInference.Kind kind : kinds) {
                if (answer.getBoolean(at++)) {
                    fitting.add(kind);
                }
            }
            boolean decimals = column.inference().kinds().contains(ColumnInference.Kind.DECIMAL);
            boolean broken = whole && !fitting.contains(ColumnInference.Kind.LONG);
            if (whole && decimals) {
                fitting.add(ColumnInference.Kind.DECIMAL);
            }
            column.inference().add(fitting);
            if (!ruling && !broken && sized() && fitting.contains(ColumnInference.Kind.DECIMAL)) {
                column.inference().addDigits(answer.getInt(at), answer.getInt(at + 1));
            }
            return broken && decimals;
        }
    }
}
