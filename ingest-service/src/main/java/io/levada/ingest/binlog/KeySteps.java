package io.levada.ingest.binlog;

import io.levada.definition.SourceTable;
import io.levada.ingest.capture.TableShape;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The steps of a table's load: ranges of its primary key, in the server's own order. Every key is in one of
/// them, whatever is written while the table is read.
///
/// @param key name and type of the columns that the table is cut by, in the key's order; empty where it can not be
/// @param bounds the first key of each step but the first, as text; bytes in hexadecimal digits
record KeySteps(List<String> key, List<List<String>> bounds) {
    private static final int MOST_STEPS = 1_000;
    private static final int MOST_PLAN_CHARACTERS = 200_000;
    private static final long LEAST_ROWS = 10;
    private static final long ASSUMED_ROW_BYTES = 200;
    private static final KeySteps ONE = new KeySteps(List.of(), List.of());

    KeySteps {
        key = List.copyOf(key);
        bounds = bounds.stream().map(List::copyOf).toList();
    }

    /// What the server estimates of a table.
    ///
    /// @param rowBytes of one row
    record Size(long rows, long rowBytes) {
        static Size of(Connection connection, SourceTable table) throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT table_rows, avg_row_length FROM information_schema.tables"
                            + " WHERE table_schema = ? AND table_name = ?")) {
                statement.setString(1, table.schema());
                statement.setString(2, table.table());
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? new Size(row.getLong(1), row.getLong(2)) : new Size(0, 0);
                }
            }
        }

        private long rowsOf(long bytes) {
            long each = rowBytes > 0 ? rowBytes : ASSUMED_ROW_BYTES;
            return Math.max(LEAST_ROWS, Math.max(bytes / each, Math.ceilDiv(rows, MOST_STEPS)));
        }
    }

    /// A condition on the key, and the values of its parameters.
    private record Condition(String sql, List<Object> values) {
        private static final Condition NONE = new Condition("", List.of());

        private Condition and(Condition other) {
            if (sql.isEmpty() || other.sql.isEmpty()) {
                return sql.isEmpty() ? other : this;
            }
            List<Object> all = new ArrayList<>(values);
            all.addAll(other.values);
            return new Condition(sql + " AND " + other.sql, all);
        }
    }

    /// Cuts a table by its keys: reads every n-th.
    ///
    /// @param chunkBytes of the table in one step, about
    static KeySteps of(
            Connection connection, SourceTable table, BinlogChecks.Described described, Size size, long chunkBytes)
            throws SQLException {
        List<TableShape.Column> columns = cuttable(described);
        if (columns.isEmpty()) {
            return ONE;
        }
        List<String> key = columns.stream().map(KeySteps::signature).toList();
        List<List<String>> bounds = new ArrayList<>();
        long rows = size.rowsOf(chunkBytes);
        long characters = 0;
        KeySteps probe = new KeySteps(key, List.of());
        Optional<List<String>> bound = probe.next(connection, table, columns, null, rows);
        while (bound.isPresent()) {
            bounds.add(bound.get());
            characters += bound.get().stream().mapToInt(String::length).sum();
            if (bounds.size() >= MOST_STEPS || characters > MOST_PLAN_CHARACTERS) {
                bounds = everySecond(bounds);
                characters /= 2;
                rows *= 2;
            }
            bound = probe.next(connection, table, columns, bounds.getLast(), rows);
        }
        return new KeySteps(key, bounds);
    }

    private static List<List<String>> everySecond(List<List<String>> bounds) {
        List<List<String>> kept = new ArrayList<>();
        for (int i = 1; i < bounds.size(); i += 2) {
            kept.add(bounds.get(i));
        }
        return kept;
    }

    /// The key's columns up to the first whose order can not be told by a comparison with a text or number,
    /// or whose values must not stand in a plan.
    private static List<TableShape.Column> cuttable(BinlogChecks.Described described) {
        List<TableShape.Column> columns = new ArrayList<>();
        for (String name : described.keyOrder()) {
            TableShape.Column column = described.unruled().get(name);
            boolean ruled = described.shape().columns().stream()
                    .anyMatch(each -> each.name().equals(name) && each.rule() != null);
            if (column == null || ruled || !isOrdered(column)) {
                break;
            }
            columns.add(column);
        }
        return columns;
    }

    private static boolean isOrdered(TableShape.Column column) {
        String type = column.postgresType();
        return switch (column.type().typeId()) {
            case FLOAT, DOUBLE, BOOLEAN -> false;
            default -> !type.startsWith("bit(") && !type.equals("enum") && !type.equals("set") && !type.equals("json");
        };
    }

    private static String signature(TableShape.Column column) {
        return column.name() + " " + column.postgresType();
    }

    /// The key of the row so many after a bound; where many rows share a bound, the next other one.
    private Optional<List<String>> next(
            Connection connection,
            SourceTable table,
            List<TableShape.Column> columns,
            @Nullable List<String> after,
            long rows)
            throws SQLException {
        Condition from = after == null ? Condition.NONE : beyond(columns, after, ">=");
        Optional<List<String>> found = first(connection, table, columns, from, rows);
        return after != null && found.filter(after::equals).isPresent()
                ? first(connection, table, columns, beyond(columns, after, ">"), 0)
                : found;
    }

    private static Optional<List<String>> first(
            Connection connection, SourceTable table, List<TableShape.Column> columns, Condition condition, long offset)
            throws SQLException {
        String names = columns.stream()
                .map(column -> BinlogServer.quoted(column.name()))
                .collect(Collectors.joining(", "));
        String query = "SELECT "
                + columns.stream().map(BinlogTypes::expression).collect(Collectors.joining(", "))
                + " FROM " + BinlogServer.quotedName(table) + " FORCE INDEX (PRIMARY)"
                + (condition.sql().isEmpty() ? "" : " WHERE " + condition.sql())
                + " ORDER BY " + names + " LIMIT 1 OFFSET " + offset;
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            bind(statement, condition.values());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(values(row, columns)) : Optional.empty();
            }
        }
    }

    private static List<String> values(ResultSet row, List<TableShape.Column> columns) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(isBytes(columns.get(i)) ? HexFormat.of().formatHex(row.getBytes(i + 1)) : row.getString(i + 1));
        }
        return values;
    }

    private static boolean isBytes(TableShape.Column column) {
        return column.type().typeId() == Type.TypeID.BINARY;
    }

    /// As a load's plan keeps them; one step where it says nothing.
    static KeySteps parse(@Nullable String text) {
        return text == null ? ONE : JsonMapper.shared().readValue(text, KeySteps.class);
    }

    String text() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    int count() {
        return bounds.size() + 1;
    }

    /// Whether the table can still be read in these steps.
    boolean fit(BinlogChecks.Described described) {
        List<String> now = cuttable(described).stream().map(KeySteps::signature).toList();
        return bounds.isEmpty() || key.equals(now);
    }

    /// A query of one step's rows.
    PreparedStatement query(
            Connection connection,
            SourceTable table,
            BinlogChecks.Described described,
            int step,
            List<String> expressions)
            throws SQLException {
        List<TableShape.Column> columns = cuttable(described);
        Condition range = Condition.NONE;
        if (step > 0) {
            range = beyond(columns, bounds.get(step - 1), ">=");
        }
        if (step < bounds.size()) {
            range = range.and(beyond(columns, bounds.get(step), "<"));
        }
        PreparedStatement statement = connection.prepareStatement("SELECT " + String.join(", ", expressions) + " FROM "
                + BinlogServer.quotedName(table)
                + (range.sql().isEmpty() ? "" : " FORCE INDEX (PRIMARY) WHERE " + range.sql()));
        try {
            bind(statement, range.values());
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /// Keys that compare so with a bound. Servers use the index for this form, and not for one that compares
    /// rows.
    private static Condition beyond(List<TableShape.Column> columns, List<String> bound, String comparison) {
        int last = columns.size() - 1;
        Condition condition = Condition.NONE;
        for (int i = last; i >= 0; i--) {
            String name = BinlogServer.quoted(columns.get(i).name());
            Object value = value(columns.get(i), bound.get(i));
            if (i == last) {
                condition = new Condition(name + " " + comparison + " ?", List.of(value));
            } else {
                List<Object> values = new ArrayList<>(List.of(value, value));
                values.addAll(condition.values());
                condition = new Condition(
                        "(%s %s ? OR (%s = ? AND %s))"
                                .formatted(name, comparison.substring(0, 1), name, condition.sql()),
                        values);
            }
        }
        return condition;
    }

    private static Object value(TableShape.Column column, String text) {
        return switch (column.type().typeId()) {
            case INTEGER, LONG, DECIMAL -> new BigDecimal(text);
            case BINARY -> HexFormat.of().parseHex(text);
            default -> text;
        };
    }

    private static void bind(PreparedStatement statement, List<Object> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }
}
