package io.levada.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.expressions.Expression;
import tools.jackson.databind.JsonNode;

/// Finds out of a statement's syntax tree which rows of each table it can use: those that the WHERE beside the table
/// lets through. A table that is read at several places is needed at each.
///
/// Only tables that stand in the FROM itself, or in inner joins of it, are judged; of all others every row counts.
final class ScannedRows {
    private static final Map<String, Expression.Operation> RELATIONS = Map.of(
            "COMPARE_EQUAL", Expression.Operation.EQ,
            "COMPARE_LESSTHAN", Expression.Operation.LT,
            "COMPARE_LESSTHANOREQUALTO", Expression.Operation.LT_EQ,
            "COMPARE_GREATERTHAN", Expression.Operation.GT,
            "COMPARE_GREATERTHANOREQUALTO", Expression.Operation.GT_EQ);

    private final Map<String, List<RowCondition>> found = new HashMap<>();
    private final Set<JsonNode> judged = Collections.newSetFromMap(new IdentityHashMap<>());

    private ScannedRows() {}

    /// @param node that [SyntaxWalk] accepts
    /// @return by `namespace.name`, as written; tables of which every row counts may be left out
    static Map<String, RowCondition> of(JsonNode node) {
        ScannedRows rows = new ScannedRows();
        rows.node(node);
        Map<String, RowCondition> conditions = new HashMap<>();
        rows.found.forEach((table, places) -> {
            if (!places.contains(RowCondition.ALL)) {
                conditions.put(table, places.size() == 1 ? places.getFirst() : new RowCondition.Or(places));
            }
        });
        return conditions;
    }

    private void node(JsonNode node) {
        String type = node.path("type").asString("");
        if (type.equals("SELECT_NODE")) {
            judge(node);
        } else if (type.equals("BASE_TABLE") && !judged.contains(node)) {
            add(node, RowCondition.ALL);
        }
        node.forEach(this::node);
    }

    private void judge(JsonNode select) {
        JsonNode from = select.path("from_table");
        if (!select.path("where_clause").isObject() || !select.path("sample").isNull()) {
            return;
        }
        boolean alone = from.path("type").asString("").equals("BASE_TABLE");
        leaves(from).forEach(leaf -> {
            judged.add(leaf);
            add(leaf, new Where(alias(leaf), alone).condition(select.path("where_clause")));
        });
    }

    /// Tables of which each row that the WHERE does not let through adds nothing.
    private static Stream<JsonNode> leaves(JsonNode from) {
        return switch (from.path("type").asString("")) {
            case "BASE_TABLE" ->
                from.path("sample").isNull() && from.path("column_name_alias").isEmpty()
                        ? Stream.of(from)
                        : Stream.empty();
            case "JOIN" ->
                from.path("join_type").asString("").equals("INNER")
                                && Set.of("REGULAR", "CROSS")
                                        .contains(from.path("ref_type").asString(""))
                        ? Stream.concat(leaves(from.path("left")), leaves(from.path("right")))
                        : Stream.empty();
            default -> Stream.empty();
        };
    }

    private static String alias(JsonNode table) {
        String alias = table.path("alias").asString("");
        JsonNode path = table.path("qualified_name").path("path");
        return alias.isEmpty() ? path.path(path.size() - 1).asString("") : alias;
    }

    /// Names of one part are common table expressions.
    private void add(JsonNode table, RowCondition condition) {
        JsonNode path = table.path("qualified_name").path("path");
        if (path.size() == 2) {
            found.computeIfAbsent(path.get(0).asString("") + "." + path.get(1).asString(""), _ -> new ArrayList<>())
                    .add(condition);
        }
    }

    /// A WHERE as it bears on one table.
    ///
    /// @param alone whether columns that are not qualified are the table's, if it has them
    private record Where(String alias, boolean alone) {
        RowCondition condition(JsonNode node) {
            return switch (node.path("type").asString("")) {
                case "CONJUNCTION_AND" -> new RowCondition.And(parts(node));
                case "CONJUNCTION_OR" -> new RowCondition.Or(parts(node));
                case "COMPARE_BETWEEN" ->
                    new RowCondition.And(List.of(
                            comparison(node.path("input"), Expression.Operation.GT_EQ, node.path("lower")),
                            comparison(node.path("input"), Expression.Operation.LT_EQ, node.path("upper"))));
                case "COMPARE_IN" -> in(node.path("children"));
                case String type
                when RELATIONS.containsKey(type) -> {
                    Expression.Operation relation = RELATIONS.get(type);
                    JsonNode left = node.path("left");
                    JsonNode right = node.path("right");
                    yield column(left).isEmpty()
                            ? comparison(right, relation.flipLR(), left)
                            : comparison(left, relation, right);
                }
                default -> RowCondition.ALL;
            };
        }

        private List<RowCondition> parts(JsonNode node) {
            return node.path("children").valueStream().map(this::condition).toList();
        }

        private RowCondition comparison(JsonNode column, Expression.Operation relation, JsonNode value) {
            String name = column(column);
            return name.isEmpty()
                    ? RowCondition.ALL
                    : new RowCondition.Comparison(name, relation, List.of(value(value)));
        }

        private RowCondition in(JsonNode children) {
            String name = column(children.path(0));
            return name.isEmpty() || children.size() < 2
                    ? RowCondition.ALL
                    : new RowCondition.Comparison(
                            name,
                            Expression.Operation.EQ,
                            children.valueStream().skip(1).map(Where::value).toList());
        }

        /// The table's column that an expression is; empty where it is none.
        private String column(JsonNode node) {
            JsonNode names = node.path("column_names");
            if (!node.path("class").asString("").equals("COLUMN_REF")) {
                return "";
            }
            if (names.size() == 1 && alone) {
                return names.get(0).asString("");
            }
            return names.size() == 2 && names.get(0).asString("").equalsIgnoreCase(alias)
                    ? names.get(1).asString("")
                    : "";
        }

        private static RowCondition.Value value(JsonNode node) {
            return switch (node.path("class").asString("")) {
                case "CONSTANT" -> constant(node.path("literal"));
                case "CAST" -> cast(node);
                case "PARAMETER" -> parameter(node.path("identifier").asString(""));
                default -> new RowCondition.Value.Other();
            };
        }

        private static RowCondition.Value constant(JsonNode literal) {
            String text = literal.path("text").asString("");
            return switch (literal.path("kind").asString("")) {
                case "STRING" -> new RowCondition.Value.Text(text);
                case "INTEGER" -> whole(text);
                default -> new RowCondition.Value.Other();
            };
        }

        private static RowCondition.Value whole(String text) {
            try {
                return new RowCondition.Value.Whole(Long.parseLong(text));
            } catch (NumberFormatException _) {
                return new RowCondition.Value.Other();
            }
        }

        private static RowCondition.Value cast(JsonNode node) {
            String type = node.path("type_expr").path("type_name").asString("");
            boolean time = type.equalsIgnoreCase("DATE") || type.equalsIgnoreCase("TIMESTAMP");
            return time && value(node.path("child")) instanceof RowCondition.Value.Text(String text)
                    ? new RowCondition.Value.Time(text)
                    : new RowCondition.Value.Other();
        }

        private static RowCondition.Value parameter(String identifier) {
            return whole(identifier) instanceof RowCondition.Value.Whole(long number)
                    ? new RowCondition.Value.Parameter((int) number - 1)
                    : new RowCondition.Value.Other();
        }
    }
}
