package io.levada.catalog.rest;

import static io.levada.catalog.rest.IcebergPath.identifier;
import static io.levada.catalog.rest.IcebergPath.namespace;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.SnapshotAnnouncer;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.RegisterTableRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ListTablesResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The tables of the Iceberg REST catalog, version 1 of its specification. Namespaces are with
/// [IcebergNamespaceController], views with [IcebergViewController].
///
/// A table's updates and the committer's meet in the catalog's compare-and-swap. Every change of a table leads to the
/// announcement of its new snapshots.
@RestController
@RequestMapping("/iceberg/v1")
class IcebergController {
    private final Catalog catalog;
    private final SnapshotAnnouncer announcer;
    private final CatalogBackend backend;

    IcebergController(CatalogBackend backend, SnapshotAnnouncer announcer) {
        this.backend = backend;
        this.catalog = backend.tables();
        this.announcer = announcer;
    }

    @GetMapping("/namespaces/{namespace}/tables")
    ResponseEntity<byte[]> tables(
            @PathVariable("namespace") String namespace,
            @RequestParam(name = "pageToken", required = false) @Nullable String pageToken,
            @RequestParam(name = "pageSize", required = false) @Nullable String pageSize)
            throws IOException {
        ListingPage<TableIdentifier> page =
                ListingPage.of(catalog.listTables(namespace(namespace)), TableIdentifier::name, pageToken, pageSize);
        return IcebergAnswer.ok(ListTablesResponse.builder()
                .addAll(page.mutable())
                .nextPageToken(page.nextToken())
                .build());
    }

    @PostMapping("/namespaces/{namespace}/tables")
    ResponseEntity<byte[]> createTable(
            @PathVariable("namespace") String namespace,
            @RequestBody byte[] body,
            @RequestAttribute(name = TokenFilter.CALLER, required = false) @Nullable String caller)
            throws IOException {
        CreateTableRequest request = IcebergAnswer.read(body, CreateTableRequest.class);
        request.validate();
        CommitterProperties.requireAllowed(request.properties().keySet(), caller);
        if (request.stageCreate()) {
            return IcebergAnswer.ok(CatalogHandlers.stageTableCreate(catalog, namespace(namespace), request));
        }
        return IcebergAnswer.tagged(
                CatalogHandlers.createTable(catalog, namespace(namespace), request), SnapshotMode.ALL);
    }

    @PostMapping("/namespaces/{namespace}/register")
    ResponseEntity<byte[]> registerTable(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        RegisterTableRequest request = IcebergAnswer.read(body, RegisterTableRequest.class);
        LoadTableResponse response = registered(namespace(namespace), request);
        announce(TableIdentifier.of(namespace(namespace), request.name()));
        return IcebergAnswer.tagged(response, SnapshotMode.ALL);
    }

    /// The parser's own words are not passed on: they show what is in the file, which may be any file of the
    /// storage.
    private LoadTableResponse registered(Namespace namespace, RegisterTableRequest request) {
        try {
            return CatalogHandlers.registerTable(catalog, namespace, request);
        } catch (UncheckedIOException | IllegalArgumentException | NullPointerException e) {
            throw new BadRequestException(
                    e, "%s is no table metadata that this catalog understands", request.metadataLocation());
        }
    }

    @GetMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> table(
            @PathVariable("namespace") String namespace,
            @PathVariable("table") String table,
            @RequestParam(name = "snapshots", defaultValue = "all") String snapshots,
            @RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String known)
            throws IOException {
        SnapshotMode mode = mode(snapshots);
        if (known != null
                && catalog.loadTable(identifier(namespace, table)) instanceof BaseTable current
                && TableTag.of(current.operations().current(), mode).isIn(known)) {
            return IcebergAnswer.notModified(TableTag.of(current.operations().current(), mode));
        }
        return IcebergAnswer.tagged(CatalogHandlers.loadTable(catalog, identifier(namespace, table), mode), mode);
    }

    private static SnapshotMode mode(String snapshots) {
        return switch (snapshots) {
            case "all", "ALL" -> SnapshotMode.ALL;
            case "refs", "REFS" -> SnapshotMode.REFS;
            default -> throw new BadRequestException("snapshots is `%s`; allowed are all, refs", snapshots);
        };
    }

    @RequestMapping(path = "/namespaces/{namespace}/tables/{table}", method = RequestMethod.HEAD)
    ResponseEntity<byte[]> tableExists(
            @PathVariable("namespace") String namespace, @PathVariable("table") String table) {
        CatalogHandlers.tableExists(catalog, identifier(namespace, table));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> updateTable(
            @PathVariable("namespace") String namespace,
            @PathVariable("table") String table,
            @RequestBody byte[] body,
            @RequestAttribute(name = TokenFilter.CALLER, required = false) @Nullable String caller)
            throws IOException {
        TableIdentifier id = identifier(namespace, table);
        UpdateTableRequest request = IcebergAnswer.read(body, UpdateTableRequest.class);
        request.validate();
        CommitterProperties.requireUntouched(request.updates(), caller);
        try {
            return IcebergAnswer.tagged(CatalogHandlers.updateTable(catalog, id, request), SnapshotMode.ALL);
        } finally {
            // Also after a failure: the outcome may be unknown, and the table tells.
            announce(id);
        }
    }

    /// The table leaves the catalog; its files stay, as only maintenance deletes. Where a purge is asked for, a
    /// marker tells maintenance of it ([PurgeMarker]).
    @DeleteMapping("/namespaces/{namespace}/tables/{table}")
    ResponseEntity<byte[]> dropTable(
            @PathVariable("namespace") String namespace,
            @PathVariable("table") String table,
            @RequestParam(name = "purgeRequested", defaultValue = "false") String purge) {
        TableIdentifier id = identifier(namespace, table);
        if (Boolean.parseBoolean(purge)) {
            Table dropped = catalog.loadTable(id);
            if (!(dropped instanceof BaseTable base)) {
                throw new RESTException("%s is no table that can be purged", id);
            }
            PurgeMarker.write(id, base);
        }
        CatalogHandlers.dropTable(catalog, id);
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

    @PostMapping("/oauth/tokens")
    ResponseEntity<byte[]> oauthToken() {
        throw new UnsupportedOperationException("This catalog gives no tokens; set the client's property `token` to one"
                + " of `catalog: {tokens}` of levada.yaml");
    }

    /// What the specification has besides, and what it has not.
    @RequestMapping("/**")
    ResponseEntity<byte[]> anythingElse() {
        throw new UnsupportedOperationException(
                "This catalog does not offer that; GET /iceberg/v1/config lists the endpoints that it has");
    }

    private void announce(TableIdentifier id) {
        TableIdentifier listed = backend.listedName(id);
        announcer.announce(listed.namespace() + "." + listed.name());
    }
}
