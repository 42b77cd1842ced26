package io.levada.sql;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A query as it comes from outside.
///
/// @param sql one SELECT with `:named` parameters
/// @param parameters strings, numbers, booleans or null, by name
/// @param maxRows rows that the result has at most
/// @param name of a query of the definition, or null
public record QueryRequest(
        String sql,
        Map<String, @Nullable Object> parameters,
        int maxRows,
        @Nullable String name) {
    /// A query without a name.
    public QueryRequest(String sql, Map<String, @Nullable Object> parameters, int maxRows) {
        this(sql, parameters, maxRows, null);
    }

    public QueryRequest {
        parameters = Collections.unmodifiableMap(new HashMap<>(parameters));
        if (maxRows < 1) {
            throw new QueryException(SqlError.REQUEST, "maxRows is at least 1, not " + maxRows);
        }
        parameters.forEach(QueryRequest::checkType);
    }

    private static void checkType(String name, @Nullable Object value) {
        if (value != null && !(value instanceof String) && !(value instanceof Number) && !(value instanceof Boolean)) {
            throw new QueryException(
                    SqlError.PARAMETER_TYPE,
                    "The parameter " + name + " is neither a string, a number, a boolean nor null");
        }
    }
}
