package io.levada.sql;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The tables that SELECTs from outside can read: those of the lake, or those of the warehouse.
///
/// Safe for use by several threads.
public interface QueryableTables {
    /// All tables, by name.
    List<TableSummary> tables();

    /// A table named `namespace.name`.
    Optional<TableDetail> table(String name);

    /// Makes the tables readable, all at one state each.
    ///
    /// @param tables `namespace.name`
    /// @return open until the caller closes it
    /// @throws QueryException [SqlError#UNKNOWN_TABLE] where there is no such table
    QuerySession open(Set<String> tables) throws SQLException;
}
