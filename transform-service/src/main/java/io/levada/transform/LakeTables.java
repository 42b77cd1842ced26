package io.levada.transform;

import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import java.util.Optional;
import org.apache.iceberg.Table;

/// The catalog as far as derived tables need it.
public interface LakeTables {
    /// The table's newest state; `namespace.name`.
    Optional<Table> load(String name);

    /// Creates the table where it does not exist.
    Table create(TableSpec spec);

    /// The catalog that catalog-service serves.
    static LakeTables of(LakeCatalog catalog) {
        return new LakeTables() {
            @Override
            public Optional<Table> load(String name) {
                return catalog.load(name);
            }

            @Override
            public Table create(TableSpec spec) {
                return catalog.createOrEvolve(spec);
            }
        };
    }
}
