package io.levada.lake;

import io.levada.lake.storage.LakeFileIO;
import io.levada.lake.storage.Staging;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.rest.RESTCatalogProperties;
import org.apache.iceberg.rest.auth.OAuth2Properties;
import org.apache.iceberg.util.Tasks;
import org.jspecify.annotations.Nullable;

/// The lake's catalog as services other than catalog-service see it: over the Iceberg REST protocol.
///
/// Services read tables and create or evolve them here. Data is committed by catalog-service alone, from
/// `FilesWritten`. Safe for use by several threads.
public final class LakeCatalog implements AutoCloseable {
    private static final int MOST_RETRIES = 100;
    private static final Duration LONGEST_CONTEST = Duration.ofSeconds(30);

    /// Each commit writes the table's metadata whole, as often as once a second. What is in it of earlier
    /// snapshots does not depend on its earlier versions.
    private static final String OLD_METADATA_KEPT = "20";

    /// A table that did not change since it was loaded is not sent again. Metadata of a table with thousands of
    /// snapshots takes some megabytes, so that the usual hundred tables could fill a service's heap.
    private static final String CACHED_TABLES = "16";

    private final RESTCatalog catalog;

    private LakeCatalog(RESTCatalog catalog) {
        this.catalog = catalog;
    }

    /// Connects to catalog-service.
    ///
    /// @param uri of the Iceberg REST catalog, such as `http://127.0.0.1:8082/iceberg`
    public static LakeCatalog connect(URI uri) {
        return connect(uri, null, Map.of());
    }

    /// Connects to catalog-service.
    ///
    /// @param uri of the Iceberg REST catalog, such as `http://127.0.0.1:8082/iceberg`
    /// @param token that it demands; null where it demands none
    public static LakeCatalog connect(URI uri, @Nullable String token) {
        return connect(uri, token, Map.of());
    }

    /// Connects to catalog-service, for one that writes files.
    ///
    /// @param uri of the Iceberg REST catalog
    /// @param token that it demands; null where it demands none
    /// @param staging a folder of this connection alone for what is on its way into a bucket; what an earlier
    ///     connection left there is deleted
    public static LakeCatalog connect(URI uri, @Nullable String token, Path staging) {
        Staging.begin(staging);
        return connect(uri, token, Map.of(S3FileIOProperties.STAGING_DIRECTORY, staging.toString()));
    }

    private static LakeCatalog connect(URI uri, @Nullable String token, Map<String, String> storage) {
        RESTCatalog catalog = new RESTCatalog();
        Map<String, String> properties = new HashMap<>(storage);
        properties.put(CatalogProperties.URI, uri.toString());
        properties.put(CatalogProperties.FILE_IO_IMPL, LakeFileIO.class.getName());
        properties.put(RESTCatalogProperties.TABLE_CACHE_MAX_ENTRIES, CACHED_TABLES);
        if (token != null) {
            properties.put(OAuth2Properties.TOKEN, token);
            properties.put(OAuth2Properties.TOKEN_REFRESH_ENABLED, "false");
        }
        catalog.initialize("levada", properties);
        return new LakeCatalog(catalog);
    }

    /// The identifier of a table named `namespace.name`.
    public static TableIdentifier identifier(String table) {
        int dot = table.indexOf('.');
        return TableIdentifier.of(Namespace.of(table.substring(0, dot)), table.substring(dot + 1));
    }

    /// The table's newest state.
    public Optional<Table> load(String table) {
        try {
            return Optional.of(catalog.loadTable(identifier(table)));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    /// All tables of a namespace, `namespace.name`; empty where there is no such namespace.
    public List<String> tables(String namespace) {
        if (!catalog.namespaceExists(Namespace.of(namespace))) {
            return List.of();
        }
        return catalog.listTables(Namespace.of(namespace)).stream()
                .map(id -> namespace + "." + id.name())
                .sorted()
                .toList();
    }

    /// Creates the table, or adds the columns and widenings that it lacks.
    ///
    /// @return the table; its schema has every column of the wanted one, and the field ids to write files with
    /// @throws IllegalArgumentException where a column's type can not be promoted to the wanted one, or two
    ///     columns would differ in upper and lower case only
    public Table createOrEvolve(TableSpec spec) {
        return beforeOthers(() -> {
            Optional<Table> existing = load(spec.name());
            ColumnNames.requireDistinct(spec, existing);
            return existing.isPresent() ? evolve(existing.get(), spec.schema()) : create(spec);
        });
    }

    /// Creates the table, or lets it follow the columns of its source, also to types that theirs can not be
    /// promoted to ([SchemaEvolution]).
    ///
    /// @return the table; its schema has every column of the wanted one, and the field ids to write files with
    /// @throws IllegalArgumentException where two columns would differ in upper and lower case only
    public Table createOrFollow(TableSpec spec) {
        return beforeOthers(() -> {
            Optional<Table> existing = load(spec.name());
            ColumnNames.requireDistinct(spec, existing);
            Table table = existing.orElseGet(() -> create(spec));
            return SchemaEvolution.covers(table.schema(), spec.schema())
                    ? table
                    : SchemaEvolution.follow(table, spec.schema());
        });
    }

    /// Looks again at a table that somebody else changed in between: a load and the landing of changes may both
    /// evolve one.
    private static Table beforeOthers(Supplier<Table> evolution) {
        AtomicReference<@Nullable Table> evolved = new AtomicReference<>();
        // With pauses that differ, so that of two that meet again and again both come through.
        Tasks.foreach(List.of(evolution))
                .retry(MOST_RETRIES)
                .exponentialBackoff(20, 1_000, LONGEST_CONTEST.toMillis(), 2)
                .onlyRetryOn(CommitFailedException.class)
                .throwFailureWhenFinished()
                .run(attempt -> evolved.set(attempt.get()));
        return Objects.requireNonNull(evolved.get());
    }

    private Table create(TableSpec spec) {
        TableIdentifier id = identifier(spec.name());
        if (!catalog.namespaceExists(id.namespace())) {
            try {
                catalog.createNamespace(id.namespace());
            } catch (AlreadyExistsException _) {
                // another service was first
            }
        }
        PartitionSpec.Builder partition = PartitionSpec.builderFor(spec.schema());
        spec.partitionBy().forEach(partition::identity);
        try {
            return catalog.buildTable(id, spec.schema())
                    .withPartitionSpec(partition.build())
                    .withLocation(spec.location())
                    .withProperty(TableProperties.FORMAT_VERSION, "2")
                    .withProperty(TableProperties.PARQUET_COMPRESSION, "zstd")
                    .withProperty(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true")
                    .withProperty(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, OLD_METADATA_KEPT)
                    .withProperties(spec.properties())
                    .create();
        } catch (AlreadyExistsException e) {
            return evolve(catalog.loadTable(id), spec.schema());
        }
    }

    private static Table evolve(Table table, Schema wanted) {
        if (SchemaEvolution.covers(table.schema(), wanted)) {
            return table;
        }
        UpdateSchema update = table.updateSchema();
        update.unionByNameWith(wanted);
        update.commit();
        table.refresh();
        return table;
    }

    /// The Iceberg catalog behind this one, for what has no name here.
    public RESTCatalog iceberg() {
        return catalog;
    }

    @Override
    public void close() {
        try {
            catalog.close();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
