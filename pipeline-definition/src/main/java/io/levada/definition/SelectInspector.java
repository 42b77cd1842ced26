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
        /// @param ofPast whether it reads one of them as it was
        record Select(Set<String> tables, boolean ofPast) implements Inspection {
            public Select {
                tables = Set.copyOf(tables);
            }

            /// A SELECT that reads all tables as they are now.
            public Select(Set<String> tables) {
                this(tables, false);
            }
        }

        /// @param reason why this is not one SELECT that may be run, with the parser's words
        record Refused(String reason) implements Inspection {}
    }
}
