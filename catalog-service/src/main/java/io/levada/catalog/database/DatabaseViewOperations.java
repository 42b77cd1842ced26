package io.levada.catalog.database;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcViewOperations;
import org.apache.iceberg.view.ViewMetadata;

/// A view's metadata in the catalog's database. A commit is a [MetadataSwap].
final class DatabaseViewOperations extends JdbcViewOperations {
    private final MetadataSwap swap;

    /// @param pool that of `rows`
    DatabaseViewOperations(TableIdentifier id, CatalogRows rows, FileIO io) {
        super(rows.pool(), io, rows.catalog(), id, Map.of());
        this.swap = new MetadataSwap(id, CatalogRows.Kind.VIEW, rows, DatabaseViewOperations::before);
    }

    /// A view's metadata names no earlier files: its row has one.
    private static List<String> before(CatalogRows.Row row) {
        return Optional.ofNullable(row.previousLocation()).stream().toList();
    }

    @Override
    protected void doCommit(ViewMetadata base, ViewMetadata metadata) {
        String next = writeNewMetadataIfRequired(metadata);
        if (base == null) {
            swap.create(next);
        } else {
            swap.replace(base.metadataFileLocation(), next);
        }
    }
}
