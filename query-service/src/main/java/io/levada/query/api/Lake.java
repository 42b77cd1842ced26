package io.levada.query.api;

import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Table;

/// The lake's catalog, read only. Safe for use by several threads.
interface Lake {
    /// `namespace.name` of all tables, sorted.
    ///
    /// @throws io.levada.sql.QueryException where the catalog can not be reached
    List<String> tables();

    /// The table's newest state.
    ///
    /// @throws io.levada.sql.QueryException where the catalog can not be reached
    Optional<Table> load(String table);
}
