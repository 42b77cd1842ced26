package io.levada.sql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
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
            NamedParameters statement = NamedParameters.parse(sql);
            return inspect(statement, json.readTree(parse(statement.sql())));
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

    private SelectVerdict inspect(NamedParameters statement, JsonNode tree) {
        if (tree.path("error").asBoolean(false)) {
            return "parser".equals(tree.path("error_type").asString(""))
                    ? new SelectVerdict.Refused(
                            SqlError.SYNTAX,
                            tree.path("error_message").asString("syntax error") + position(tree.path("position")))
                    : new SelectVerdict.Refused(SqlError.REFUSED, "Only a SELECT is run here");
        }
        JsonNode statements = tree.path("statements");
        if (statements.size() != 1) {
            return new SelectVerdict.Refused(
                    SqlError.REFUSED, "Exactly one SELECT is run at a time, not " + statements.size() + " statements");
        }
        SyntaxWalk walk = new SyntaxWalk(functions);
        walk.node(statements.get(0).path("node"), Set.of());
        return new SelectVerdict.Accepted(statement, walk.tables());
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
