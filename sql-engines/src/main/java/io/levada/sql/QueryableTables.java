package io.levada.sql;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The tables that SELECTs from outside can read: those of the lake, or those of the warehouse.
///
/// Safe for use by several threads.
public interface QueryableTables {
    /// All tables, by name.
    List<TableSummary> tables();

    /// A table named `namespace.name`, with this part of its history.
    ///
    /// @throws QueryException [SqlError#SNAPSHOT_UNKNOWN] where the page begins at a snapshot that is not kept
    Optional<TableDetail> table(String name, HistoryPage page);

    /// Makes the tables readable, all at one state each.
    ///
    /// @return open until the caller closes it
    /// @throws QueryException [SqlError#UNKNOWN_TABLE]; [SqlError#SNAPSHOT_UNKNOWN] for a state that is
    /// not kept; [SqlError#NO_HISTORY] where these tables keep none
    QuerySession open(TableReads reads) throws SQLException;
}
