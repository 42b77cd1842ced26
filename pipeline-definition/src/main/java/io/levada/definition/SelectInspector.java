package io.levada.definition;

import java.util.Set;

/// Understands SQL on behalf of the definition; the SQL engine of the pipeline stands behind it.
@FunctionalInterface
public interface SelectInspector {
    /// @param sql one statement, `:named` parameters allowed
    Inspection inspect(String sql);

    /// What was found in a statement.
    sealed interface Inspection {
        /// @param tables `namespace.name` of every table that the SELECT reads, without its own common table
        /// expressions
        record Select(Set<String> tables) implements Inspection {
            public Select {
                tables = Set.copyOf(tables);
            }
        }

        /// @param reason why this is not one SELECT that may be run, with the parser's words
        record Refused(String reason) implements Inspection {}
    }
}
