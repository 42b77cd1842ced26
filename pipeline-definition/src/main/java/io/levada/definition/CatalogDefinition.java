package io.levada.definition;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// What keeps the lake's catalog: the `catalog:` section.
public sealed interface CatalogDefinition {
    /// SQLite in catalog-service's data directory.
    record Embedded() implements CatalogDefinition {}

    /// A PostgreSQL database, which several catalog-services may share.
    ///
    /// @param url without user and password
    record Postgres(String url, String user, Secret password) implements CatalogDefinition {}

    /// AWS Glue's Data Catalog. It keeps no views.
    ///
    /// @param region null where AWS's default chain is to find it
    /// @param endpoint of a server other than AWS's own; null for AWS
    /// @param catalogId the account whose catalog it is; null for the credentials' own
    /// @param databasePrefix stands before the name of each namespace's database; may be empty
    record Glue(
            @Nullable String region,
            @Nullable URI endpoint,
            @Nullable String catalogId,
            String databasePrefix) implements CatalogDefinition {}

    CatalogDefinition DEFAULT = new Embedded();
}
