package io.levada.catalog;

import io.levada.catalog.glue.GlueLakeCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.lake.LocalFileIO;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;

/// What keeps the lake's tables, opened as the definition says. Only catalog-service opens it; others speak the REST
/// protocol.
///
/// @param tables closed with this
/// @param views empty where this catalog keeps none
public record CatalogBackend(Catalog tables, SupportsNamespaces namespaces, Optional<ViewCatalog> views)
        implements AutoCloseable {
    /// Opens the catalog that the definition names, creating what it needs where that is missing.
    static CatalogBackend open(CatalogDefinition definition, CatalogProperties properties) {
        return switch (definition) {
            case CatalogDefinition.Embedded _ ->
                of(CatalogDatabase.open(properties.dataDirectory(), properties.lakeLocation()));
            case CatalogDefinition.Postgres postgres -> of(CatalogDatabase.open(postgres, properties.lakeLocation()));
            case CatalogDefinition.Glue glue ->
                of(GlueLakeCatalog.open(glue, properties.lakeLocation(), new LocalFileIO()));
        };
    }

    /// A catalog by the interfaces that it has.
    public static <C extends Catalog & SupportsNamespaces> CatalogBackend of(C catalog) {
        return new CatalogBackend(
                catalog, catalog, catalog instanceof ViewCatalog views ? Optional.of(views) : Optional.empty());
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
