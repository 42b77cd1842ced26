package io.levada.sql;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Walks the syntax tree that DuckDB's `json_serialize_sql` gives, and refuses what is not known to only read.
final class SyntaxWalk {
    /// What the hint in place of DESCRIBE selects.
    static final String COLUMN_TYPES = "typeof(COLUMNS(*))";

    private static final Set<String> EXPRESSIONS = Set.of(
            "BETWEEN",
            "CASE",
            "CAST",
            "COLLATE",
            "COLUMN_REF",
            "COMPARISON",
            "CONJUNCTION",
            "CONSTANT",
            "DEFAULT",
            "FUNCTION",
            "LAMBDA",
            "LAMBDA_REF",
            "OPERATOR",
            "PARAMETER",
            "POSITIONAL_REFERENCE",
            "STAR",
            "SUBQUERY",
            "TYPE",
            "WINDOW");

    /// Query nodes, table references, result modifiers and sort orders.
    private static final Set<String> NODES = Set.of(
            "SELECT_NODE",
            "SET_OPERATION_NODE",
            "RECURSIVE_CTE_NODE",
            "BASE_TABLE",
            "JOIN",
            "SUBQUERY",
            "TABLE_FUNCTION",
            "EMPTY",
            "EXPRESSION_LIST",
            "PIVOT",
            "ORDER_MODIFIER",
            "LIMIT_MODIFIER",
            "LIMIT_PERCENT_MODIFIER",
            "DISTINCT_MODIFIER",
            "ORDER_DEFAULT",
            "ASCENDING",
            "DESCENDING");

    private final FunctionList functions;
    private final Set<String> tables = new LinkedHashSet<>();
    private final Map<String, Boolean> views = new LinkedHashMap<>();

    SyntaxWalk(FunctionList functions) {
        this.functions = functions;
    }

    /// `namespace.name` of the tables met.
    Set<String> tables() {
        return tables;
    }

    /// Views of tables at earlier states that were met, and whether the statement gives them an alias.
    Map<String, Boolean> views() {
        return views;
    }

    /// @param scope common table expressions that are visible here, in lower case
    void node(JsonNode node, Set<String> scope) {
        if (node.isArray()) {
            node.forEach(child -> node(child, scope));
            return;
        }
        if (!node.isObject()) {
            return;
        }
        String kind = node.path("class").asString("");
        String type = node.path("type").asString("");
        if (!kind.isEmpty()) {
            expression(node, kind, scope);
        } else if (type.equals("BASE_TABLE")) {
            baseTable(node, scope);
        } else if (type.equals("TABLE_FUNCTION")) {
            tableFunction(node, scope);
        } else if (!type.isEmpty() && !NODES.contains(type)) {
            throw refused(
                    type.equals("SHOW_REF")
                            ? "SHOW, DESCRIBE and SUMMARIZE are not run here. SELECT " + COLUMN_TYPES
                                    + " FROM namespace.name LIMIT 1 shows a table's columns and types; GET /v1/tables"
                                    + " describes tables, also empty ones"
                            : "Only a SELECT is run here, not " + type);
        } else {
            children(node, withCommonTables(node, scope));
        }
    }

    private void expression(JsonNode node, String kind, Set<String> scope) {
        if (!EXPRESSIONS.contains(kind)) {
            throw refused("An expression of the kind " + kind + " is not run here");
        }
        if (kind.equals("CONSTANT")) {
            return;
        }
        if (node.has("function_name")) {
            String name = lower(node.path("function_name").asString(""));
            if (!functions.scalar().contains(name)) {
                throw refused("The function " + name + " may not be called here");
            }
        }
        children(node, scope);
    }

    private void tableFunction(JsonNode node, Set<String> scope) {
        JsonNode function = node.path("function");
        String name = lower(function.path("function_name").asString(""));
        if (!functions.table().contains(name)) {
            throw refused("The table function " + name + " may not be called here");
        }
        children(function, scope);
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getKey().equals("function")) {
                node(property.getValue(), scope);
            }
        }
    }

    private void baseTable(JsonNode node, Set<String> scope) {
        JsonNode path = node.path("qualified_name").path("path");
        String name = path.path(path.size() - 1).asString("");
        if (!node.path("at_clause").isNull()) {
            throw refused("AT is not read here. Write FOR VERSION AS OF or FOR TIMESTAMP AS OF behind the name of "
                    + name + ", before its alias");
        }
        boolean recurring =
                path.size() == 2 && "recurring".equals(lower(path.get(0).asString("")));
        if ((path.size() == 1 || recurring) && scope.contains(lower(name))) {
            node(node.path("sample"), scope);
            return;
        }
        if (path.size() != 2) {
            throw refused("The table " + name + " is not named namespace.name");
        }
        String table = path.get(0).asString("") + "." + name;
        if (!path.get(0).asString("").equalsIgnoreCase(AsOfClause.SCHEMA)) {
            tables.add(table);
        } else if (views.put(table, !node.path("alias").asString("").isEmpty()) != null) {
            throw refused("The table " + table + " can not be read here");
        }
        node(node.path("sample"), scope);
    }

    private Set<String> withCommonTables(JsonNode node, Set<String> scope) {
        Set<String> visible = new HashSet<>(scope);
        for (JsonNode entry : node.path("cte_map").path("map")) {
            String name = lower(entry.path("key").asString(""));
            JsonNode value = entry.path("value");
            Set<String> own = new HashSet<>(visible);
            if ("RECURSIVE_CTE_NODE"
                    .equals(value.path("query_node").path("type").asString(""))) {
                own.add(name);
            }
            children(value, own);
            visible.add(name);
        }
        return visible;
    }

    private void children(JsonNode node, Set<String> scope) {
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getKey().equals("cte_map")) {
                node(property.getValue(), scope);
            }
        }
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static QueryException refused(String reason) {
        return new QueryException(SqlError.REFUSED, reason);
    }
}
