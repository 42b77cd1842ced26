package io.levada.catalog.rest;

import static io.levada.catalog.rest.IcebergPath.identifier;
import static io.levada.catalog.rest.IcebergPath.namespace;

import io.levada.catalog.CatalogBackend;
import java.io.IOException;
import org.apache.iceberg.catalog.ViewCatalog;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.requests.CreateViewRequest;
import org.apache.iceberg.rest.requests.RegisterViewRequest;
import org.apache.iceberg.rest.requests.RenameTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
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
            @RequestParam(name = "pageToken", defaultValue = "") String pageToken,
            @RequestParam(name = "pageSize", defaultValue = "") String pageSize)
            throws IOException {
        return IcebergAnswer.ok(
                pageSize.isEmpty()
                        ? CatalogHandlers.listViews(catalog(), namespace(namespace))
                        : CatalogHandlers.listViews(catalog(), namespace(namespace), pageToken, pageSize));
    }

    @PostMapping("/namespaces/{namespace}/views")
    ResponseEntity<byte[]> createView(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        CreateViewRequest request = IcebergAnswer.read(body, CreateViewRequest.class);
        return IcebergAnswer.ok(CatalogHandlers.createView(catalog(), namespace(namespace), request));
    }

    @PostMapping("/namespaces/{namespace}/register-view")
    ResponseEntity<byte[]> registerView(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        RegisterViewRequest request = IcebergAnswer.read(body, RegisterViewRequest.class);
        return IcebergAnswer.ok(CatalogHandlers.registerView(catalog(), namespace(namespace), request));
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
