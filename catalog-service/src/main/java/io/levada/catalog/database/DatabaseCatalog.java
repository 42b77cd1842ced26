package io.levada.catalog.database;

import io.levada.catalog.database.CatalogRows.Kind;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewBuilder;
import org.apache.iceberg.view.ViewOperations;
import org.jspecify.annotations.Nullable;

/// Iceberg's JDBC catalog, schema version V1, with operations of our own on tables and views: where the connection
/// breaks, it is found out what became of a commit, and of other changes ([LostAnswer]). Metadata is read once, as long
/// as it does not change.
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
        return new DatabaseOperations(id, rows(), cache, io());
    }

    @Override
    protected ViewOperations newViewOps(TableIdentifier id) {
        return new DatabaseViewOperations(id, rows(), io());
    }

    private CatalogRows rows() {
        return new CatalogRows(Objects.requireNonNull(parts.pool, "The catalog is initialized"), name());
    }

    private FileIO io() {
        return Objects.requireNonNull(parts.io, "The catalog is initialized");
    }

    @Override
    public TableBuilder buildTable(TableIdentifier id, org.apache.iceberg.Schema schema) {
        requireNamespace(id.namespace());
        return super.buildTable(id, schema);
    }

    @Override
    public ViewBuilder buildView(TableIdentifier id) {
        requireNamespace(id.namespace());
        return super.buildView(id);
    }

    @Override
    public Table registerTable(TableIdentifier id, String metadataFileLocation) {
        requireNamespace(id.namespace());
        return super.registerTable(id, metadataFileLocation);
    }

    @Override
    public View registerView(TableIdentifier id, String metadataFileLocation) {
        requireNamespace(id.namespace());
        return super.registerView(id, metadataFileLocation);
    }

    private void requireNamespace(Namespace namespace) {
        if (!namespaceExists(namespace)) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
        }
    }

    @Override
    public boolean dropTable(TableIdentifier id, boolean purge) {
        return isThere(id, Kind.TABLE)
                && LostAnswer.found(id, () -> super.dropTable(id, purge), () -> !isThere(id, Kind.TABLE));
    }

    @Override
    public boolean dropView(TableIdentifier id) {
        return isThere(id, Kind.VIEW) && LostAnswer.found(id, () -> super.dropView(id), () -> !isThere(id, Kind.VIEW));
    }

    private boolean isThere(TableIdentifier id, Kind kind) {
        return rows().row(id, kind).isPresent();
    }

    @Override
    public void renameTable(TableIdentifier from, TableIdentifier to) {
        rename(from, to, Kind.TABLE, () -> super.renameTable(from, to));
    }

    @Override
    public void renameView(TableIdentifier from, TableIdentifier to) {
        rename(from, to, Kind.VIEW, () -> super.renameView(from, to));
    }

    /// A metadata file is of one table or view only: where the new name's row has, or had, that of the old one's, it
    /// is the same.
    private void rename(TableIdentifier from, TableIdentifier to, Kind kind, Runnable rename) {
        Optional<String> before = rows().row(from, kind).map(CatalogRows.Row::metadataLocation);
        LostAnswer.found(
                from,
                done(rename),
                () -> before.isPresent()
                        && rows().row(to, kind).stream()
                                .flatMap(row -> Stream.of(row.metadataLocation(), row.previousLocation()))
                                .anyMatch(before.get()::equals));
    }

    @Override
    public void createNamespace(Namespace namespace, Map<String, String> metadata) {
        try {
            LostAnswer.found(
                    namespace,
                    done(() -> super.createNamespace(namespace, metadata)),
                    () -> namespaceExists(namespace) && hasProperties(namespace, metadata));
        } catch (UncheckedSQLException e) {
            // The super class looks, then inserts: another caller may have been between the two.
            if (isTaken(e)) {
                throw new AlreadyExistsException(e, "Namespace already exists: %s", namespace);
            }
            throw e;
        }
    }

    /// SQLite gives no SQLSTATE.
    private static boolean isTaken(UncheckedSQLException failure) {
        return failure.getCause() instanceof SQLException sql
                && (String.valueOf(sql.getSQLState()).startsWith("23")
                        || String.valueOf(sql.getMessage()).contains("constraint failed"));
    }

    @Override
    public boolean dropNamespace(Namespace namespace) {
        return LostAnswer.found(namespace, () -> super.dropNamespace(namespace), () -> !namespaceExists(namespace));
    }

    @Override
    public boolean setProperties(Namespace namespace, Map<String, String> properties) {
        return LostAnswer.found(
                namespace,
                () -> super.setProperties(namespace, properties),
                () -> hasProperties(namespace, properties));
    }

    @Override
    public boolean removeProperties(Namespace namespace, Set<String> properties) {
        return LostAnswer.found(
                namespace,
                () -> super.removeProperties(namespace, properties),
                () -> Collections.disjoint(loadNamespaceMetadata(namespace).keySet(), properties));
    }

    private boolean hasProperties(Namespace namespace, Map<String, String> properties) {
        return loadNamespaceMetadata(namespace).entrySet().containsAll(properties.entrySet());
    }

    private static BooleanSupplier done(Runnable change) {
        return () -> {
            change.run();
            return true;
        };
    }
}
