package io.levada.sql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Lets one SELECT through, and nothing else.
///
/// DuckDB's own parser reads the statement (`json_serialize_sql`), and its syntax tree is checked against lists of
/// what is allowed: kinds of nodes, functions, tables by `namespace.name`. What is not known is refused. Nothing is
/// run and no table is looked up.
///
/// Safe for use by several threads.
public final class SelectGate implements AutoCloseable {
    private static final int MAX_CHARACTERS = 1_000_000;
    private static final int MAX_DEPTH = 2_000;

    private final Connection connection;
    private final PreparedStatement parser;
    private final FunctionList functions;
    private final JsonMapper json = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(MAX_CHARACTERS)
                            .build())
                    .build())
            .build();

    private SelectGate(Connection connection, PreparedStatement parser, FunctionList functions) {
        this.connection = connection;
        this.parser = parser;
        this.functions = functions;
    }

    /// Opens a gate with a small DuckDB instance of its own for its parser.
    public static SelectGate open() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        try {
            connection.createStatement().execute("SET threads = 1");
            connection.createStatement().execute("SET enable_external_access = false");
            connection.createStatement().execute("SET lock_configuration = true");
            PreparedStatement parser = connection.prepareStatement("SELECT json_serialize_sql(?::VARCHAR)");
            return new SelectGate(connection, parser, FunctionList.load());
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Looks at a statement.
    ///
    /// @param sql one statement, `:named` parameters allowed
    public SelectVerdict inspect(String sql) {
        if (sql.length() > MAX_CHARACTERS) {
            return new SelectVerdict.Refused(
                    SqlError.REFUSED,
                    "The statement has " + sql.length() + " characters; at most " + MAX_CHARACTERS + " are read");
        }
        try {
            NamedParameters.Text text = NamedParameters.read(sql);
            return inspect(text, text.statement());
        } catch (QueryException e) {
            return new SelectVerdict.Refused((SqlError) e.error(), e.detail());
        } catch (JacksonException e) {
            return new SelectVerdict.Refused(SqlError.REFUSED, "The statement is nested too deeply");
        } catch (SQLException e) {
            return new SelectVerdict.Refused(SqlError.SYNTAX, "The statement can not be parsed: " + e.getMessage());
        }
    }

    /// Like [#inspect], where only an accepted statement is of use.
    ///
    /// @throws QueryException where the statement is refused
    public SelectVerdict.Accepted require(String sql) {
        return switch (inspect(sql)) {
            case SelectVerdict.Accepted accepted -> accepted;
            case SelectVerdict.Refused(SqlError error, String reason) -> throw new QueryException(error, reason);
        };
    }

    private String parse(String sql) throws SQLException {
        synchronized (parser) {
            parser.setString(1, sql);
            try (ResultSet result = parser.executeQuery()) {
                result.next();
                @Nullable String tree = result.getString(1);
                return tree == null ? "{}" : tree;
            }
        }
    }

    /// @param statement the text's own, or that with aliases for its views
    private SelectVerdict inspect(NamedParameters.Text text, NamedParameters statement) throws SQLException {
        JsonNode tree = json.readTree(parse(statement.sql()));
        if (tree.path("error").asBoolean(false)) {
            return "parser".equals(tree.path("error_type").asString(""))
                    ? new SelectVerdict.Refused(
                            SqlError.SYNTAX,
                            tree.path("error_message").asString("syntax error")
                                    + position(tree.path("position"))
                                    + (text.clauses().isEmpty()
                                            ? ""
                                            : "; a table's alias follows FOR VERSION AS OF and FOR TIMESTAMP AS OF"))
                    : new SelectVerdict.Refused(SqlError.REFUSED, "Only a SELECT is run here");
        }
        JsonNode statements = tree.path("statements");
        if (statements.size() != 1) {
            return new SelectVerdict.Refused(
                    SqlError.REFUSED, "Exactly one SELECT is run at a time, not " + statements.size() + " statements");
        }
        SyntaxWalk walk = new SyntaxWalk(functions);
        JsonNode select = statements.get(0).path("node");
        walk.node(select, Set.of());
        requireViews(text.clauses(), walk.views().keySet());
        Set<String> bare = walk.views().entrySet().stream()
                .filter(view -> !view.getValue())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return bare.isEmpty()
                ? new SelectVerdict.Accepted(statement, walk.tables(), text.clauses(), ScannedRows.of(select))
                : inspect(text, named(text, bare));
    }

    /// Each view that the text was given is read once as a table, and no other is.
    private static void requireViews(List<AsOfClause> clauses, Set<String> views) {
        for (AsOfClause clause : clauses) {
            if (!views.contains(clause.view())) {
                throw new QueryException(
                        SqlError.AS_OF,
                        "FOR " + (clause.ofTime() ? "TIMESTAMP" : "VERSION") + " AS OF stands behind " + clause.table()
                                + ", which is not read as a table there");
            }
        }
        if (views.size() != clauses.size()) {
            throw new QueryException(SqlError.REFUSED, "The schema '" + AsOfClause.SCHEMA + "' can not be read");
        }
    }

    /// Columns are qualified by the table's own name, as they are without the clause.
    private static NamedParameters named(NamedParameters.Text text, Set<String> bare) {
        StringBuilder sql = new StringBuilder(text.statement().sql());
        for (int i = text.clauses().size() - 1; i >= 0; i--) {
            AsOfClause clause = text.clauses().get(i);
            if (bare.contains(clause.view())) {
                String name = clause.table().substring(clause.table().indexOf('.') + 1);
                sql.insert(text.viewEnds().get(i), " AS " + LakeSession.quoted(name));
            }
        }
        return new NamedParameters(sql.toString(), text.statement().names());
    }

    private static String position(JsonNode position) {
        return position.isMissingNode() ? "" : " (position " + position.asString("") + ")";
    }

    @Override
    public void close() throws SQLException {
        synchronized (parser) {
            connection.close();
        }
    }
}
