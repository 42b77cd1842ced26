package io.levada.sql;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What [SelectGate] says of a statement.
public sealed interface SelectVerdict {
    /// One SELECT that may be run.
    ///
    /// @param statement its text to prepare, and the names of its parameters
    /// @param current `namespace.name` of every table that it reads as it is now, as written, without its common
    /// table expressions
    /// @param past the tables that it reads as they were
    /// @param rows which rows of `current` it can use, by table; of those that are not named, all
    record Accepted(
            NamedParameters statement, Set<String> current, List<AsOfClause> past, Map<String, RowCondition> rows)
            implements SelectVerdict {
        public Accepted {
            current = Collections.unmodifiableSet(new LinkedHashSet<>(current));
            past = List.copyOf(past);
            rows = Map.copyOf(rows);
        }

        /// `namespace.name` of every table that it reads, at whatever time.
        public Set<String> tables() {
            Set<String> tables = new LinkedHashSet<>(current);
            past.forEach(clause -> tables.add(clause.table()));
            return tables;
        }

        /// What it reads, with these values of its parameters.
        ///
        /// @throws QueryException where a clause's parameter has no value, or one that names no state
        TableReads reads(Map<String, ? extends @Nullable Object> values) {
            Map<String, RowCondition> bound = new HashMap<>();
            rows.forEach((table, condition) -> bound.put(
                    table,
                    condition.bind(position -> values.get(statement.names().get(position)))));
            return new TableReads(
                    current, past.stream().map(clause -> clause.bind(values)).toList(), bound);
        }

        /// The values by position; those that only say which state of a table is read are none of them.
        ///
        /// @throws QueryException where a parameter has no value, or a value no parameter
        List<@Nullable Object> bind(Map<String, ? extends @Nullable Object> values) {
            Map<String, @Nullable Object> bound = new HashMap<>(values);
            past.stream()
                    .map(AsOfClause::parameter)
                    .filter(name -> name != null && !statement.names().contains(name))
                    .forEach(bound::remove);
            return statement.bind(bound);
        }
    }

    /// A statement that is not run.
    ///
    /// @param reason a sentence for the author of the statement
    record Refused(SqlError error, String reason) implements SelectVerdict {}
}
