package io.levada.catalog.database;

import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;

/// Iceberg's JDBC catalog, schema version V1, with table operations of our own: the outcome of a commit is found out
/// where the connection breaks, and unchanged metadata is not read again.
///
/// Its rows are those of [JdbcCatalog]. Safe for use by several threads, and by several processes on one database.
public final class DatabaseCatalog extends JdbcCatalog {
    private final Parts parts;
    private final MetadataCache cache = new MetadataCache();

    /// What the super class makes and keeps to itself.
    private static final class Parts {
        @Nullable
        LivePool pool;

        @Nullable
        FileIO io;

        LivePool pool(Map<String, String> properties) {
            LivePool made = new LivePool(properties);
            pool = made;
            return made;
        }

        FileIO io(Map<String, String> properties) {
            FileIO made = CatalogUtil.loadFileIO(properties.get(CatalogProperties.FILE_IO_IMPL), properties, null);
            io = made;
            return made;
        }
    }

    private DatabaseCatalog(Parts parts) {
        super(parts::io, parts::pool, true);
        this.parts = parts;
    }

    /// Opens the catalog, creating its tables where they are missing.
    ///
    /// @param properties URI, number of clients, warehouse location, FileIO, and the driver's settings
    public static DatabaseCatalog open(String name, Map<String, String> properties) {
        DatabaseCatalog catalog = new DatabaseCatalog(new Parts());
        catalog.initialize(name, properties);
        return catalog;
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier id) {
        LivePool pool = Objects.requireNonNull(parts.pool, "The catalog is initialized");
        FileIO io = Objects.requireNonNull(parts.io, "The catalog is initialized");
        return new DatabaseOperations(id, new CatalogRows(pool, name()), cache, io);
    }

    @Override
    public TableBuilder buildTable(TableIdentifier id, org.apache.iceberg.Schema schema) {
        Namespace namespace = id.namespace();
        if (!namespaceExists(namespace)) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
        }
        return super.buildTable(id, schema);
    }
}
