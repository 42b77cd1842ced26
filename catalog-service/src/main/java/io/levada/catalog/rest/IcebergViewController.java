package io.levada.catalog.rest;

import static io.levada.catalog.rest.IcebergPath.identifier;
import static io.levada.catalog.rest.IcebergPath.namespace;

import io.levada.catalog.CatalogBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.requests.CreateViewRequest;
import org.apache.iceberg.rest.requests.RegisterViewRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ListTablesResponse;
import org.apache.iceberg.rest.responses.LoadViewResponse;
import org.apache.iceberg.view.SQLViewRepresentation;
import org.apache.iceberg.view.ViewMetadata;
import org.apache.iceberg.view.ViewVersion;
import org.jspecify.annotations.Nullable;
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

/// The views of the Iceberg REST catalog: other engines keep theirs here, and Levada reads none of them.
@RestController
@RequestMapping("/iceberg/v1")
class IcebergViewController {
    private final CatalogBackend backend;

    IcebergViewController(CatalogBackend backend) {
        this.backend = backend;
    }

    private ViewCatalog catalog() {
        return backend.views().orElseThrow(() -> new UnsupportedOperationException("This catalog keeps no views"));
    }

    @GetMapping("/namespaces/{namespace}/views")
    ResponseEntity<byte[]> views(
            @PathVariable("namespace") String namespace,
            @RequestParam(name = "pageToken", required = false) @Nullable String pageToken,
            @RequestParam(name = "pageSize", required = false) @Nullable String pageSize)
            throws IOException {
        ListingPage<TableIdentifier> page =
                ListingPage.of(catalog().listViews(namespace(namespace)), TableIdentifier::name, pageToken, pageSize);
        return IcebergAnswer.ok(ListTablesResponse.builder()
                .addAll(page.mutable())
                .nextPageToken(page.nextToken())
                .build());
    }

    @PostMapping("/namespaces/{namespace}/views")
    ResponseEntity<byte[]> createView(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        CreateViewRequest request = IcebergAnswer.read(body, CreateViewRequest.class);
        requireSql(request.viewVersion());
        return IcebergAnswer.ok(CatalogHandlers.createView(catalog(), namespace(namespace), request));
    }

    private static void requireSql(ViewVersion version) {
        if (!version.representations().stream().allMatch(SQLViewRepresentation.class::isInstance)) {
            throw new BadRequestException("A view is kept as SQL only");
        }
    }

    @PostMapping("/namespaces/{namespace}/register-view")
    ResponseEntity<byte[]> registerView(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        RegisterViewRequest request = IcebergAnswer.read(body, RegisterViewRequest.class);
        return IcebergAnswer.ok(registered(namespace(namespace), request));
    }

    /// A view whose parts do not fit one another is read without complaint, and could not be loaded by any
    /// client.
    private LoadViewResponse registered(Namespace namespace, RegisterViewRequest request) {
        try {
            LoadViewResponse response = CatalogHandlers.registerView(catalog(), namespace, request);
            if (isWhole(response.metadata())) {
                return response;
            }
            catalog().dropView(TableIdentifier.of(namespace, request.name()));
        } catch (UncheckedIOException | IllegalArgumentException | NullPointerException e) {
            throw notUnderstood(request, e);
        }
        throw notUnderstood(request, null);
    }

    private static boolean isWhole(ViewMetadata metadata) {
        return metadata.versions().stream()
                .filter(version -> version.versionId() == metadata.currentVersionId())
                .anyMatch(version -> metadata.schemasById().containsKey(version.schemaId()));
    }

    private static BadRequestException notUnderstood(RegisterViewRequest request, @Nullable Exception cause) {
        String message = request.metadataLocation() + " is no view metadata that this catalog understands";
        return cause == null ? new BadRequestException("%s", message) : new BadRequestException(cause, "%s", message);
    }

    @GetMapping("/namespaces/{namespace}/views/{view}")
    ResponseEntity<byte[]> view(@PathVariable("namespace") String namespace, @PathVariable("view") String view)
            throws IOException {
        return IcebergAnswer.ok(CatalogHandlers.loadView(catalog(), identifier(namespace, view)));
    }

    @RequestMapping(path = "/namespaces/{namespace}/views/{view}", method = RequestMethod.HEAD)
    ResponseEntity<byte[]> viewExists(@PathVariable("namespace") String namespace, @PathVariable("view") String view) {
        CatalogHandlers.viewExists(catalog(), identifier(namespace, view));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/views/{view}")
    ResponseEntity<byte[]> updateView(
            @PathVariable("namespace") String namespace, @PathVariable("view") String view, @RequestBody byte[] body)
            throws IOException {
        UpdateTableRequest request = IcebergAnswer.read(body, UpdateTableRequest.class);
        return IcebergAnswer.ok(CatalogHandlers.updateView(catalog(), identifier(namespace, view), request));
    }

    @DeleteMapping("/namespaces/{namespace}/views/{view}")
    ResponseEntity<byte[]> dropView(@PathVariable("namespace") String namespace, @PathVariable("view") String view) {
        CatalogHandlers.dropView(catalog(), identifier(namespace, view));
        return IcebergAnswer.done();
    }

    @PostMapping("/views/rename")
    ResponseEntity<byte[]> renameView(@RequestBody byte[] body) throws IOException {
        CatalogHandlers.renameView(catalog(), IcebergAnswer.read(body, RenameTableRequest.class));
        return IcebergAnswer.done();
    }
}
