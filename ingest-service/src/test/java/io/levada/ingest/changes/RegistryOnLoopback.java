package io.levada.ingest.changes;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The two calls of a schema registry that capture and landing make, in memory.
public final class RegistryOnLoopback implements AutoCloseable {
    private final HttpServer server;
    private final List<String> schemas = new ArrayList<>();
    private volatile boolean broken;

    public RegistryOnLoopback() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/subjects/", exchange -> {
            String schema = JsonMapper.shared()
                    .readTree(exchange.getRequestBody())
                    .required("schema")
                    .asString();
            answer(exchange, 200, "{\"id\":" + id(schema) + "}");
        });
        server.createContext("/schemas/ids/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
            if (broken) {
                answer(exchange, 404, "<html>No such page</html>");
            } else if (id < 1 || id > schemas.size()) {
                answer(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
            } else {
                answer(
                        exchange,
                        200,
                        JsonMapper.shared().writeValueAsString(java.util.Map.of("schema", schemas.get(id - 1))));
            }
        });
        server.start();
    }

    private synchronized int id(String schema) {
        if (!schemas.contains(schema)) {
            schemas.add(schema);
        }
        return schemas.indexOf(schema) + 1;
    }

    private static void answer(com.sun.net.httpserver.HttpExchange exchange, int status, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /// From now on, another server answers in the registry's place.
    public void breakDown() {
        broken = true;
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
