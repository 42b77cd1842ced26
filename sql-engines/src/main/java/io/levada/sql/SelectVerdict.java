package io.levada.sql;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/// What [SelectGate] says of a statement.
public sealed interface SelectVerdict {
    /// One SELECT that may be run.
    ///
    /// @param statement its text to prepare, and the names of its parameters
    /// @param tables `namespace.name` of every table that it reads, as written,
    /// without its common table expressions
    record Accepted(NamedParameters statement, Set<String> tables) implements SelectVerdict {
        public Accepted {
            tables = Collections.unmodifiableSet(new LinkedHashSet<>(tables));
        }
    }

    /// A statement that is not run.
    ///
    /// @param reason a sentence for the author of the statement
    record Refused(SqlError error, String reason) implements SelectVerdict {}
}
