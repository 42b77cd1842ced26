package io.levada.ingest.files;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Finds what kinds of values the texts of columns can be, all of them, in DuckDB.
final class TextInference {
    /// The first rows rule most kinds out cheaply.
    private static final int FIRST_ROWS = 2048;

    private TextInference() {}

    /// @param cell the column's name in the relation
    record Column(String cell, ColumnInference inference) {}

    /// Takes in all values of a relation.
    static void read(Connection connection, String relation, List<Column> columns) throws SQLException {
        narrow(connection, "(FROM " + relation + " LIMIT " + FIRST_ROWS + ")", columns);
        narrow(connection, relation, columns);
    }

    private static void narrow(Connection connection, String relation, List<Column> columns) throws SQLException {
        List<String> questions = new ArrayList<>();
        List<List<ColumnInference.Kind>> asked = new ArrayList<>();
        for (Column column : columns) {
            List<ColumnInference.Kind> kinds = List.copyOf(column.inference().kinds());
            asked.add(kinds);
            questions.add("count(" + column.cell() + ")");
            kinds.forEach(kind -> questions.add("bool_and(" + ValueForm.inferred(kind, column.cell())
                    + ") FILTER (WHERE " + column.cell() + " IS NOT NULL)"));
            if (kinds.contains(ColumnInference.Kind.DECIMAL)) {
                String whole = "ltrim(split_part(" + column.cell() + ", '.', 1), '-')";
                questions.add("max(CASE WHEN " + whole + " = '0' THEN 0 ELSE length(" + whole + ") END)");
                questions.add("max(length(split_part(" + column.cell() + ", '.', 2)))");
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet answer =
                        statement.executeQuery("SELECT " + String.join(", ", questions) + " FROM " + relation)) {
            answer.next();
            int at = 1;
            for (int i = 0; i < columns.size(); i++) {
                at = take(answer, at, columns.get(i).inference(), asked.get(i));
            }
        }
    }

    private static int take(ResultSet answer, int first, ColumnInference column, List<ColumnInference.Kind> asked)
            throws SQLException {
        int at = first;
        boolean any = answer.getLong(at++) > 0;
        Set<ColumnInference.Kind> fitting = EnumSet.noneOf(ColumnInference.Kind.class);
        for (ColumnInference.Kind kind : asked) {
            if (answer.getBoolean(at++)) {
                fitting.add(kind);
            }
        }
        if (any) {
            column.add(fitting);
        }
        if (asked.contains(ColumnInference.Kind.DECIMAL)) {
            if (any && fitting.contains(ColumnInference.Kind.DECIMAL)) {
                column.addDigits(answer.getInt(at), answer.getInt(at + 1));
            }
            at += 2;
        }
        return at;
    }
}
