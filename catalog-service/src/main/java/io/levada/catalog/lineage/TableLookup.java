package io.levada.catalog.lineage;

import io.levada.lake.LakeCatalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;

/// Tables of the catalog, each loaded once. For one answer; not safe for use by several threads.
final class TableLookup {
    private final Catalog catalog;
    private final Map<String, Optional<Table>> loaded = new HashMap<>();

    TableLookup(Catalog catalog) {
        this.catalog = catalog;
    }

    /// @param name `namespace.name`
    Optional<Table> find(String name) {
        return loaded.computeIfAbsent(name, this::load);
    }

    private Optional<Table> load(String name) {
        try {
            return Optional.of(catalog.loadTable(LakeCatalog.identifier(name)));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    List<String> names(String namespace) {
        try {
            return catalog.listTables(Namespace.of(namespace)).stream()
                    .map(id -> namespace + "." + id.name())
                    .toList();
        } catch (NoSuchNamespaceException _) {
            return List.of();
        }
    }
}
