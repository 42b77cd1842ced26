package io.levada.warehouse.load;

import java.util.Optional;
import org.apache.iceberg.Table;

/// The lake's catalog, read only. Safe for use by several threads.
@FunctionalInterface
interface Lake {
    /// The table's newest state.
    ///
    /// @throws io.levada.lake.LakeUnreachableException where the catalog does not answer
    Optional<Table> load(String table);
}
