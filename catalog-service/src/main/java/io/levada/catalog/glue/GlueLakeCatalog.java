package io.levada.catalog.glue;

import io.levada.definition.CatalogDefinition;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.iceberg.BaseMetastoreCatalog;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.aws.AwsProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchIcebergTableException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.glue.model.EntityNotFoundException;

/// The lake's tables in AWS Glue's Data Catalog, where Athena, Redshift Spectrum and EMR find them.
///
/// Iceberg's GlueCatalog does the work: a commit is one `UpdateTable` with the version that it replaces, without
/// archiving that version. This adds what the lake asks of a catalog: databases with a prefix, names folded to lower
/// case, outcomes that are not known told from refusals ([UnknownOutcomes]), and no way to lose a table or its files.
/// Credentials are those of AWS's default chain. Safe for use by several threads.
public final class GlueLakeCatalog extends BaseMetastoreCatalog implements SupportsNamespaces, Closeable {
    private static final String NAME = "levada";

    private final GlueDatabases databases = new GlueDatabases();
    private final DatabaseNames names;
    private final String lakeLocation;
    private final FileIO files;

    private GlueLakeCatalog(DatabaseNames names, String lakeLocation, FileIO files) {
        this.names = names;
        this.lakeLocation = lakeLocation;
        this.files = files;
    }

    /// Makes the catalog without a request to Glue.
    ///
    /// @param lakeLocation where tables without a location of their own lie, in folders `<namespace>/<table>`
    /// @param files reads and writes the lake; closed with the catalog
    /// @throws SdkException where neither the definition nor the default chain knows a region
    public static GlueLakeCatalog open(CatalogDefinition.Glue definition, String lakeLocation, FileIO files) {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, lakeLocation);
        properties.put(CatalogProperties.FILE_IO_IMPL, BorrowedFileIO.class.getName());
        properties.put(AwsProperties.CLIENT_FACTORY, GlueClients.class.getName());
        properties.put(AwsProperties.GLUE_CATALOG_SKIP_ARCHIVE, "true");
        properties.put(AwsProperties.GLUE_CATALOG_SKIP_NAME_VALIDATION, "false");
        putIfGiven(properties, AwsProperties.GLUE_CATALOG_ID, definition.catalogId());
        putIfGiven(properties, GlueClients.REGION, definition.region());
        putIfGiven(
                properties,
                AwsProperties.GLUE_CATALOG_ENDPOINT,
                definition.endpoint() == null ? null : definition.endpoint().toString());
        GlueLakeCatalog catalog =
                new GlueLakeCatalog(new DatabaseNames(definition.databasePrefix()), withoutSlash(lakeLocation), files);
        catalog.databases.initialize(NAME, properties);
        return catalog;
    }

    private static void putIfGiven(Map<String, String> properties, String name, @Nullable String value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static String withoutSlash(String location) {
        return location.endsWith("/") ? location.substring(0, location.length() - 1) : location;
    }

    /// The one name under which the table is listed, announced and shown.
    public static TableIdentifier listedName(TableIdentifier table) {
        return DatabaseNames.folded(table);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier table) {
        TableOperations operations = BorrowedFileIO.lend(files, () -> {
            TableOperations made = databases.operations(names.database(table));
            // Made with the first use.
            made.io();
            return made;
        });
        return new GlueOperations(operations, files, table);
    }

    @Override
    protected boolean isValidIdentifier(TableIdentifier table) {
        Namespace namespace = table.namespace();
        return namespace.length() == 1 && !namespace.level(0).isEmpty() && databases.takes(names.database(table));
    }

    private boolean isValid(Namespace namespace) {
        return isValidIdentifier(TableIdentifier.of(namespace, "t"));
    }

    @Override
    protected String defaultWarehouseLocation(TableIdentifier table) {
        TableIdentifier listed = listedName(table);
        return lakeLocation + "/" + listed.namespace() + "/" + listed.name();
    }

    @Override
    public TableBuilder buildTable(TableIdentifier table, Schema schema) {
        requireNew(table);
        return super.buildTable(table, schema);
    }

    @Override
    public Table registerTable(TableIdentifier table, String metadataFileLocation) {
        requireNew(table);
        return super.registerTable(table, metadataFileLocation);
    }

    /// A table that is there under the very same name is found by those who create it.
    private void requireNew(TableIdentifier table) {
        if (!isValidIdentifier(table)) {
            throw new CatalogLimitException(
                    "table " + table,
                    "with Glue a table is <namespace>.<name>, each of [A-Za-z0-9_], and at most 255 characters, the"
                            + " namespace with `" + names.prefix() + "` before it at most 252");
        }
        TableIdentifier listed = listedName(table);
        if (!listed.equals(table) && tableExists(listed)) {
            throw new AlreadyExistsException(
                    "Cannot create %s: Glue folds names to lower case, and %s is there already; choose another name",
                    table, listed);
        }
    }

    @Override
    public List<TableIdentifier> listTables(Namespace namespace) {
        requireExisting(namespace);
        Namespace listed = DatabaseNames.folded(namespace);
        return ask(namespace, () -> databases.listTables(names.database(namespace))).stream()
                .map(table -> TableIdentifier.of(listed, table.name()))
                .toList();
    }

    /// Takes the table out of the catalog. Its files stay, purge or not: only maintenance deletes files.
    ///
    /// @return false where there is no such Iceberg table; another table of that name stays
    @Override
    public boolean dropTable(TableIdentifier table, boolean purge) {
        if (!isValidIdentifier(table)) {
            return false;
        }
        try {
            if (newTableOps(table).current() == null) {
                return false;
            }
        } catch (NoSuchIcebergTableException _) {
            return false;
        } catch (NotFoundException _) {
            // An Iceberg table whose metadata is gone: there is nothing of it but the entry.
        }
        return ask(
                table,
                () -> gone(() -> BorrowedFileIO.lend(files, () -> databases.dropTable(names.database(table), false))));
    }

    /// Glue has no rename. What Iceberg does instead, to create the new entry and delete the old one, leaves two
    /// tables on the same files where it stops in between, loses a commit that another engine makes meanwhile,
    /// and may delete both where an answer is lost.
    @Override
    public void renameTable(TableIdentifier from, TableIdentifier to) {
        throw new UnsupportedOperationException("Glue can not rename a table in one step, so " + from
                + " keeps its name. To have it under another, stop writing to it, register its metadata file as " + to
                + ", and drop " + from);
    }

    @Override
    public void createNamespace(Namespace namespace, Map<String, String> metadata) {
        if (!isValid(namespace)) {
            throw new CatalogLimitException(
                    "namespace " + namespace,
                    "with Glue a namespace has one level, of [A-Za-z0-9_], and with `" + names.prefix()
                            + "` before it at most 252 characters");
        }
        Namespace listed = DatabaseNames.folded(namespace);
        if (!listed.equals(namespace) && namespaceExists(listed)) {
            throw new AlreadyExistsException(
                    "Cannot create namespace %s: Glue folds names to lower case, and %s is there already",
                    namespace, listed);
        }
        ask(namespace, () -> {
            try {
                databases.createNamespace(names.database(namespace), metadata);
            } catch (InDoubtException e) {
                requireOwn(namespace, metadata, e);
            }
            return true;
        });
    }

    /// An attempt had no answer, and a later one met the database: most likely the earlier one's.
    private void requireOwn(Namespace namespace, Map<String, String> metadata, InDoubtException doubt) {
        if (!doubt.endedWith(software.amazon.awssdk.services.glue.model.AlreadyExistsException.class)) {
            throw doubt;
        }
        if (!loadNamespaceMetadata(namespace).entrySet().containsAll(metadata.entrySet())) {
            throw new AlreadyExistsException(doubt, "Namespace already exists: %s", namespace);
        }
    }

    /// Drops what was there a moment ago. Where a later attempt does not find it any more, an earlier one, whose answer
    /// was lost, has done it.
    private static boolean gone(BooleanSupplier drop) {
        try {
            return drop.getAsBoolean();
        } catch (InDoubtException e) {
            if (e.endedWith(EntityNotFoundException.class)) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public List<Namespace> listNamespaces(Namespace namespace) {
        if (!namespace.isEmpty()) {
            requireExisting(namespace);
            return List.of();
        }
        return ask("the list of databases", () -> databases.listNamespaces(Namespace.empty())).stream()
                .map(names::namespace)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public Map<String, String> loadNamespaceMetadata(Namespace namespace) {
        if (!isValid(namespace)) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace);
        }
        return ask(namespace, () -> databases.loadNamespaceMetadata(names.database(namespace)));
    }

    /// Refuses while anything is left in the namespace. Glue deletes a database with all that is in it: what
    /// another engine creates in this moment is lost from the catalog, not from storage.
    @Override
    public boolean dropNamespace(Namespace namespace) {
        return namespaceExists(namespace)
                && ask(namespace, () -> gone(() -> databases.dropNamespace(names.database(namespace))));
    }

    /// Reads and writes all properties: of two who change them at once, the later wins.
    @Override
    public boolean setProperties(Namespace namespace, Map<String, String> properties) {
        requireExisting(namespace);
        return ask(namespace, () -> databases.setProperties(names.database(namespace), properties));
    }

    @Override
    public boolean removeProperties(Namespace namespace, Set<String> properties) {
        requireExisting(namespace);
        return ask(namespace, () -> databases.removeProperties(names.database(namespace), properties));
    }

    private void requireExisting(Namespace namespace) {
        loadNamespaceMetadata(namespace);
    }

    private static <T> T ask(Object subject, Supplier<T> request) {
        try {
            return request.get();
        } catch (EntityNotFoundException e) {
            // It was there a moment before.
            throw new NoSuchNamespaceException(e, "Namespace or table is gone: %s", subject);
        } catch (SdkException e) {
            throw GlueFailures.of(subject.toString(), e);
        }
    }

    @Override
    public void close() throws IOException {
        databases.close();
        files.close();
    }
}
