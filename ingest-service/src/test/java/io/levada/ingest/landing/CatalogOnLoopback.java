package io.levada.ingest.landing;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;
import org.apache.iceberg.rest.RESTResponse;
import org.apache.iceberg.rest.RESTSerializers;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.jspecify.annotations.Nullable;

/// The calls of an Iceberg REST catalog that landing makes, over tables that lie in memory.
public final class CatalogOnLoopback implements AutoCloseable {
    private static final String PREFIX = "/v1/namespaces";

    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpServer server;

    public CatalogOnLoopback(Path warehouse) throws IOException {
        catalog.initialize(
                "test",
                Map.of(
                        CatalogProperties.WAREHOUSE_LOCATION,
                        warehouse.toString(),
                        CatalogProperties.FILE_IO_IMPL,
                        LocalFileIO.class.getName()));
        mapper.setVisibility(PropertyAccessor.FIELD, Visibility.ANY);
        mapper.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE);
        RESTSerializers.registerAll(mapper);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        int status = 200;
        Object answer;
        try {
            answer = answer(exchange);
        } catch (NoSuchNamespaceException | NoSuchTableException e) {
            status = 404;
            answer = ErrorResponse.builder()
                    .responseCode(status)
                    .withType(e.getClass().getSimpleName())
                    .withMessage(e.getMessage())
                    .build();
        }
        byte[] body = answer == null || exchange.getRequestMethod().equals("HEAD")
                ? new byte[0]
                : mapper.writeValueAsBytes(answer);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private @Nullable RESTResponse answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!path.startsWith(PREFIX)) {
            return ConfigResponse.builder().build();
        }
        String[] parts = path.substring(PREFIX.length()).split("/", -1);
        String call = exchange.getRequestMethod() + " " + (parts.length - 1);
        return switch (call) {
            case "POST 0" -> CatalogHandlers.createNamespace(catalog, read(exchange, CreateNamespaceRequest.class));
            case "GET 1", "HEAD 1" -> CatalogHandlers.loadNamespace(catalog, Namespace.of(parts[1]));
            case "POST 2" ->
                CatalogHandlers.createTable(catalog, Namespace.of(parts[1]), read(exchange, CreateTableRequest.class));
            case "GET 3", "HEAD 3" ->
                CatalogHandlers.loadTable(catalog, TableIdentifier.of(parts[1], parts[3]), SnapshotMode.ALL);
            case "POST 3" ->
                CatalogHandlers.updateTable(
                        catalog, TableIdentifier.of(parts[1], parts[3]), read(exchange, UpdateTableRequest.class));
            default -> throw new IllegalArgumentException(call);
        };
    }

    private <T> T read(HttpExchange exchange, Class<T> type) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            return mapper.readValue(body.readAllBytes(), type);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
