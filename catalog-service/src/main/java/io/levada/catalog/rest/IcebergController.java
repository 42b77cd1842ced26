package io.levada.catalog.rest;

import static io.levada.catalog.rest.IcebergPath.identifier;
import static io.levada.catalog.rest.IcebergPath.namespace;

import io.levada.catalog.CatalogProperties;
import io.levada.catalog.SnapshotAnnouncer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.Endpoint;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateNamespacePropertiesRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The Iceberg REST catalog, version 1 of its specification: configuration, namespaces, tables. Views are with
/// [IcebergViewController].
///
/// A table's updates and the committer's meet in the catalog's compare-and-swap. Every change of a table leads to the
/// announcement of its new snapshots.
@RestController
@RequestMapping("/iceberg/v1")
class IcebergController {
    private final JdbcCatalog catalog;
    private final SnapshotAnnouncer announcer;

    /// What clients are told of the lake's bucket; credentials are their own.
    private final Map<String, String> storage;

    IcebergController(JdbcCatalog catalog, SnapshotAnnouncer announcer, CatalogProperties properties) {
        this.catalog = catalog;
        this.announcer = announcer;
        this.storage = properties.bucket().asProperties();
    }

    @GetMapping("/config")
    ResponseEntity<byte[]> config() throws IOException {
        return IcebergAnswer.ok(ConfigResponse.builder()
                .withDefaults(storage)
                .withEndpoints(endpoints())
                .build());
    }

    @GetMapping("/namespaces")
    ResponseEntity<byte[]> namespaces(
            @RequestParam(name = "parent", defaultValue = "") String parent,
            @RequestParam(name = "pageToken", defaultValue = "") String pageToken,
            @RequestParam(name = "pageSize", defaultValue = "") String pageSize)
            throws IOException {
        Namespace of = parent.isEmpty() ? Namespace.empty() : namespace(parent);
        return IcebergAnswer.ok(
                pageSize.isEmpty()
                        ? CatalogHandlers.listNamespaces(catalog, of)
                        : CatalogHandlers.listNamespaces(catalog, of, pageToken, pageSize));
    }

    @PostMapping("/namespaces")
    ResponseEntity<byte[]> createNamespace(@RequestBody byte[] body) throws IOException {
        CreateNamespaceRequest request = IcebergAnswer.read(body, CreateNamespaceRequest.class);
        try {
            return IcebergAnswer.ok(CatalogHandlers.createNamespace(catalog, request));
        } catch (UncheckedSQLException e) {
            // JdbcCatalog looks, then inserts: another caller may have been between the two.
            if (catalog.namespaceExists(request.namespace())) {
                throw new AlreadyExistsException(e, "Namespace already exists: %s", request.namespace());
            }
            throw e;
        }
    }

    @GetMapping("/namespaces/{namespace}")
    ResponseEntity<byte[]> namespaceMetadata(@PathVariable("namespace") String namespace) throws IOException {
        return IcebergAnswer.ok(CatalogHandlers.loadNamespace(catalog, namespace(namespace)));
    }

    @RequestMapping(path = "/namespaces/{namespace}", method = RequestMethod.HEAD)
    ResponseEntity<byte[]> namespaceExists(@PathVariable("namespace") String namespace) {
        CatalogHandlers.namespaceExists(catalog, namespace(namespace));
        return IcebergAnswer.done();
    }

    @DeleteMapping("/namespaces/{namespace}")
    ResponseEntity<byte[]> dropNamespace(@PathVariable("namespace") String namespace) {
        CatalogHandlers.dropNamespace(catalog, namespace(namespace));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/properties")
    ResponseEntity<byte[]> namespaceProperties(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        return IcebergAnswer.ok(CatalogHandlers.updateNamespaceProperties(
                catalog, namespace(namespace), IcebergAnswer.read(body, UpdateNamespacePropertiesRequest.class)));
    }

    @GetMapping("/namespaces/{namespace}/tables")
    ResponseEntity<byte[]> tables(
            @PathVariable("namespace") String namespace,
            @RequestParam(name = "pageToken", defaultValue = "") String pageToken,
            @RequestParam(name = "pageSize", defaultValue = "") String pageSize)
            throws IOException {
        return IcebergAnswer.ok(
                pageSize.isEmpty()
                        ? CatalogHandlers.listTables(catalog, namespace(namespace))
                        : CatalogHandlers.listTables(catalog, namespace(namespace), pageToken, pageSize));
    }

    @PostMapping("/namespaces/{namespace}/tables")
    ResponseEntity<byte[]> createTable(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        CreateTableRequest request = IcebergAnswer.read(body, CreateTableRequest.class);
        request.validate();
        return IcebergAnswer.ok(
                request.stageCreate()
                        ? CatalogHandlers.stageTableCreate(catalog, namespace(namespace), request)
                        : CatalogHandlers.createTable(catalog, namespace(namespace), request));
    }

    @PostMapping("/namespaces/{namespace}/register")
    ResponseEntity<byte[]> registerTable(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        RegisterTableRequest request = IcebergAnswer.read(body, RegisterTableRequest.class);
        LoadTableResponse response = CatalogHandlers.registerTable(catalog, namespace(namespace), request);
        announce(TableIdentifier.of(namespace(namespace), request.name()));
        return IcebergAnswer.ok(response);
    }

    @GetMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> table(
            @PathVariable("namespace") String namespace,
            @PathVariable("table") String table,
            @RequestParam(name = "snapshots", defaultValue = "all") String snapshots)
            throws IOException {
        SnapshotMode mode = snapshots.equalsIgnoreCase("refs") ? SnapshotMode.REFS : SnapshotMode.ALL;
        return IcebergAnswer.ok(CatalogHandlers.loadTable(catalog, identifier(namespace, table), mode));
    }

    @RequestMapping(path = "/namespaces/{namespace}/tables/{table}", method = RequestMethod.HEAD)
    ResponseEntity<byte[]> tableExists(
            @PathVariable("namespace") String namespace, @PathVariable("table") String table) {
        CatalogHandlers.tableExists(catalog, identifier(namespace, table));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> updateTable(
            @PathVariable("namespace") String namespace, @PathVariable("table") String table, @RequestBody byte[] body)
            throws IOException {
        TableIdentifier id = identifier(namespace, table);
        try {
            return IcebergAnswer.ok(
                    CatalogHandlers.updateTable(catalog, id, IcebergAnswer.read(body, UpdateTableRequest.class)));
        } finally {
            // Also after a failure: the outcome may be unknown, and the table tells.
            announce(id);
        }
    }

    /// The table leaves the catalog; its files stay, whether a purge is asked for or not, as only maintenance deletes.
    @DeleteMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> dropTable(@PathVariable("namespace") String namespace, @PathVariable("table") String table) {
        CatalogHandlers.dropTable(catalog, identifier(namespace, table));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/tables/{table}/metrics")
    ResponseEntity<byte[]> metrics(@PathVariable("namespace") String namespace, @PathVariable("table") String table) {
        return IcebergAnswer.done();
    }

    @PostMapping("/tables/rename")
    ResponseEntity<byte[]> renameTable(@RequestBody byte[] body) throws IOException {
        RenameTableRequest request = IcebergAnswer.read(body, RenameTableRequest.class);
        CatalogHandlers.renameTable(catalog, request);
        announce(request.destination());
        return IcebergAnswer.done();
    }

    /// One commit of several tables is not made: each table's commit stands for itself.
    @PostMapping("/transactions/commit")
    ResponseEntity<byte[]> commitTransaction() {
        throw new UnsupportedOperationException(
                "A transaction over several tables is not supported; commit each table for itself");
    }

    private void announce(TableIdentifier id) {
        announcer.announce(id.namespace() + "." + id.name());
    }

    private static List<Endpoint> endpoints() {
        return List.of(
                Endpoint.V1_LIST_NAMESPACES,
                Endpoint.V1_LOAD_NAMESPACE,
                Endpoint.V1_NAMESPACE_EXISTS,
                Endpoint.V1_CREATE_NAMESPACE,
                Endpoint.V1_UPDATE_NAMESPACE,
                Endpoint.V1_DELETE_NAMESPACE,
                Endpoint.V1_LIST_TABLES,
                Endpoint.V1_LOAD_TABLE,
                Endpoint.V1_TABLE_EXISTS,
                Endpoint.V1_CREATE_TABLE,
                Endpoint.V1_UPDATE_TABLE,
                Endpoint.V1_DELETE_TABLE,
                Endpoint.V1_RENAME_TABLE,
                Endpoint.V1_REGISTER_TABLE,
                Endpoint.V1_REPORT_METRICS,
                Endpoint.V1_LIST_VIEWS,
                Endpoint.V1_LOAD_VIEW,
                Endpoint.V1_VIEW_EXISTS,
                Endpoint.V1_CREATE_VIEW,
                Endpoint.V1_UPDATE_VIEW,
                Endpoint.V1_DELETE_VIEW,
                Endpoint.V1_RENAME_VIEW,
                Endpoint.V1_REGISTER_VIEW);
    }
}
