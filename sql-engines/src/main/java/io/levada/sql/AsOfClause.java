package io.levada.sql;

import java.math.BigInteger;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `FOR VERSION AS OF ...` or `FOR TIMESTAMP AS OF ...` behind a table's name, as Trino and Spark write it.
///
/// @param view the name in place of the table's in the statement that runs
/// @param table `namespace.name`
/// @param ofTime whether it names a time
/// @param parameter whose value it takes, or null
/// @param literal what it names itself, or null
public record AsOfClause(
        String view,
        String table,
        boolean ofTime,
        @Nullable String parameter,
        @Nullable AsOf literal) {
    /// The schema of the views; a statement can not name it itself.
    static final String SCHEMA = "levada as of";

    /// The clause with the value of its parameter.
    ///
    /// @throws QueryException where the value is missing, or names no state
    PastTable bind(Map<String, ? extends @Nullable Object> values) {
        return new PastTable(view, table, parameter == null ? Objects.requireNonNull(literal) : of(parameter, values));
    }

    private AsOf of(String name, Map<String, ? extends @Nullable Object> values) {
        if (!values.containsKey(name)) {
            throw new QueryException(SqlError.PARAMETER_MISSING, "The parameter " + name + " has no value");
        }
        Object value = values.get(name);
        return switch (value) {
            case String text when ofTime -> new AsOf.Time(AsOfTime.parse(text));
            case String text -> new AsOf.Ref(text);
            case Integer id when !ofTime -> new AsOf.Snapshot(id);
            case Long id when !ofTime -> new AsOf.Snapshot(id);
            case BigInteger id when !ofTime && id.bitLength() < Long.SIZE -> new AsOf.Snapshot(id.longValue());
            case null, default ->
                throw new QueryException(
                        SqlError.AS_OF,
                        "The parameter " + name + " is " + value + ", which names no " + (ofTime ? "time" : "snapshot")
                                + " of " + table);
        };
    }
}
