package io.levada.ingest.files;

import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import java.util.Optional;
import org.apache.iceberg.Table;

/// The tables of the lake, as far as files need them.
interface Tables {
    /// The table's newest state.
    Optional<Table> load(String table);

    /// Creates the table, or adds the columns that it lacks.
    Table createOrEvolve(TableSpec spec);

    /// The tables of catalog-service.
    static Tables of(LakeCatalog catalog) {
        return new Tables() {
            @Override
            public Optional<Table> load(String table) {
                return catalog.load(table);
            }

            @Override
            public Table createOrEvolve(TableSpec spec) {
                return catalog.createOrEvolve(spec);
            }
        };
    }
}
