package io.levada.transform;

import io.levada.lake.TableSpec;
import java.util.Optional;
import org.apache.iceberg.Table;

/// The catalog as far as derived tables need it.
public interface LakeTables {
    /// The table's newest state; `namespace.name`.
    Optional<Table> load(String name);

    /// Creates the table where it does not exist.
    Table create(TableSpec spec);
}
