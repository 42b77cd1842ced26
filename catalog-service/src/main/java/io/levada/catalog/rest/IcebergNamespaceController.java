package io.levada.catalog.rest;

import static io.levada.catalog.rest.IcebergPath.namespace;

import io.levada.catalog.CatalogBackend;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.UpdateNamespacePropertiesRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ListNamespacesResponse;
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

/// Configuration and namespaces of the Iceberg REST catalog. A namespace has one level: tables of the lake are called
/// `namespace.name`. There is one warehouse, so that whichever a client asks for is that one.
@RestController
@RequestMapping("/iceberg/v1")
class IcebergNamespaceController {
    private final SupportsNamespaces namespaces;
    private final boolean viewsKept;

    /// What clients are told of the lake's bucket; credentials are their own.
    private final Map<String, String> storage;

    IcebergNamespaceController(CatalogBackend backend) {
        this.namespaces = backend.namespaces();
        this.viewsKept = backend.views().isPresent();
        this.storage = backend.storage();
    }

    @GetMapping("/config")
    ResponseEntity<byte[]> config() throws IOException {
        return IcebergAnswer.ok(ConfigResponse.builder()
                // Iceberg asks it for a null key, which an immutable map refuses.
                .withDefaults(new HashMap<>(storage))
                .withEndpoints(OfferedEndpoints.of(viewsKept))
                .build());
    }

    @GetMapping("/namespaces")
    ResponseEntity<byte[]> namespaces(
            @RequestParam(name = "parent", defaultValue = "") String parent,
            @RequestParam(name = "pageToken", required = false) @Nullable String pageToken,
            @RequestParam(name = "pageSize", required = false) @Nullable String pageSize)
            throws IOException {
        ListingPage<Namespace> page = ListingPage.of(below(parent), Namespace::toString, pageToken, pageSize);
        return IcebergAnswer.ok(ListNamespacesResponse.builder()
                .addAll(page.mutable())
                .nextPageToken(page.nextToken())
                .build());
    }

    private List<Namespace> below(String parent) {
        if (parent.isEmpty()) {
            return namespaces.listNamespaces();
        }
        if (!namespaces.namespaceExists(namespace(parent))) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", namespace(parent));
        }
        return namespaces.listNamespaces(namespace(parent));
    }

    @PostMapping("/namespaces")
    ResponseEntity<byte[]> createNamespace(@RequestBody byte[] body) throws IOException {
        CreateNamespaceRequest request = IcebergAnswer.read(body, CreateNamespaceRequest.class);
        requireOneLevel(request.namespace());
        return IcebergAnswer.ok(CatalogHandlers.createNamespace(namespaces, request));
    }

    private static void requireOneLevel(Namespace namespace) {
        if (namespace.length() != 1
                || namespace.level(0).isBlank()
                || namespace.level(0).contains(".")) {
            throw new BadRequestException(
                    "Namespace `%s`: allowed is one level without a dot, as tables are called namespace.name",
                    namespace);
        }
    }

    @GetMapping("/namespaces/{namespace}")
    ResponseEntity<byte[]> namespaceMetadata(@PathVariable("namespace") String namespace) throws IOException {
        return IcebergAnswer.ok(CatalogHandlers.loadNamespace(namespaces, namespace(namespace)));
    }

    @RequestMapping(path = "/namespaces/{namespace}", method = RequestMethod.HEAD)
    ResponseEntity<byte[]> namespaceExists(@PathVariable("namespace") String namespace) {
        CatalogHandlers.namespaceExists(namespaces, namespace(namespace));
        return IcebergAnswer.done();
    }

    @DeleteMapping("/namespaces/{namespace}")
    ResponseEntity<byte[]> dropNamespace(@PathVariable("namespace") String namespace) {
        CatalogHandlers.dropNamespace(namespaces, namespace(namespace));
        return IcebergAnswer.done();
    }

    @PostMapping("/namespaces/{namespace}/properties")
    ResponseEntity<byte[]> namespaceProperties(@PathVariable("namespace") String namespace, @RequestBody byte[] body)
            throws IOException {
        return IcebergAnswer.ok(CatalogHandlers.updateNamespaceProperties(
                namespaces, namespace(namespace), IcebergAnswer.read(body, UpdateNamespacePropertiesRequest.class)));
    }
}
