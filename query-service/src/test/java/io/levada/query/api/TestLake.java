package io.levada.query.api;

import io.levada.testing.LocalLake;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Table;

/// A lake in a folder, as the service reads it.
record TestLake(LocalLake lake) implements Lake {
    @Override
    public List<String> tables() {
        return lake.tables();
    }

    @Override
    public Optional<Table> load(String table) {
        return lake.load(table);
    }
}
