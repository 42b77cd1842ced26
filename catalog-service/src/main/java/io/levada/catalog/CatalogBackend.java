package io.levada.catalog;

import io.levada.catalog.glue.GlueLakeCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.lake.storage.LakeFileIO;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.io.FileIO;

/// What keeps the lake's tables, opened as the definition says. Only catalog-service opens it; others speak the REST
/// protocol.
///
/// @param tables closed with this
/// @param views empty where this catalog keeps none
/// @param storage how the lake's bucket is reached, in properties that every Iceberg client knows; no credentials
public record CatalogBackend(
        Catalog tables, SupportsNamespaces namespaces, Optional<ViewCatalog> views, Map<String, String> storage)
        implements AutoCloseable {
    /// Opens the catalog that the definition names, creating what it needs where that is missing.
    static CatalogBackend open(CatalogDefinition definition, CatalogProperties properties) {
        Map<String, String> storage =
                CatalogDatabase.storage(properties.dataDirectory(), properties.lakeLocation(), properties.bucket());
        CatalogBackend backend = switch (definition) {
            case CatalogDefinition.Embedded _ -> of(CatalogDatabase.open(properties.dataDirectory(), storage));
            case CatalogDefinition.Postgres postgres -> of(CatalogDatabase.open(postgres, storage));
            case CatalogDefinition.Glue glue ->
                of(GlueLakeCatalog.open(glue, properties.lakeLocation(), files(storage)));
        };
        return new CatalogBackend(
                backend.tables(),
                backend.namespaces(),
                backend.views(),
                properties.bucket().asProperties());
    }

    private static FileIO files(Map<String, String> storage) {
        LakeFileIO files = new LakeFileIO();
        files.initialize(storage);
        return files;
    }

    /// A catalog by the interfaces that it has, of a lake that is in no bucket.
    public static <C extends Catalog & SupportsNamespaces> CatalogBackend of(C catalog) {
        return new CatalogBackend(
                catalog,
                catalog,
                catalog instanceof ViewCatalog views ? Optional.of(views) : Optional.empty(),
                Map.of());
    }

    /// The one name under which a table is announced, where the catalog knows it by several.
    public TableIdentifier listedName(TableIdentifier table) {
        return tables instanceof GlueLakeCatalog ? GlueLakeCatalog.listedName(table) : table;
    }

    @Override
    public void close() {
        if (tables instanceof Closeable closeable) {
            try {
                closeable.close();
            } catch (IOException e) {
                throw new UncheckedIOException("The catalog did not close", e);
            }
        }
    }
}
