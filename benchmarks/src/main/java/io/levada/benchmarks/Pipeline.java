package io.levada.benchmarks;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// A pipeline in a JVM of its own, started with the shell command that a user starts.
final class Pipeline implements AutoCloseable {
    private static final int SERVICES = 5;

    private final Path log;
    private final int port;
    private final Process process;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Pipeline(Path log, int port, Process process) {
        this.log = log;
        this.port = port;
        this.process = process;
    }

    static Pipeline run(Path project, Path data) throws IOException {
        return start(data, "run", project.toString());
    }

    static Pipeline demo(Path data) throws IOException {
        return start(data, "demo");
    }

    private static Pipeline start(Path data, String... command) throws IOException {
        int port = freeBase();
        Path log = data.resolveSibling("pipeline.log");
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("levada.home"), "levada").toString());
        words.addAll(List.of(command));
        words.addAll(List.of("--data", data.toString(), "--port", Integer.toString(port)));
        Process process = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new Pipeline(log, port, process);
    }

    private static int freeBase() {
        for (int attempt = 0; attempt < 50; attempt++) {
            int base = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            List<ServerSocket> held = new ArrayList<>();
            try {
                for (int i = 0; i < SERVICES; i++) {
                    held.add(new ServerSocket(base + i));
                }
                return base;
            } catch (IOException _) {
                // One of the five is taken: draw again.
            } finally {
                held.forEach(Pipeline::release);
            }
        }
        throw new IllegalStateException("No five free ports in a row");
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    JsonNode ingest() throws Exception {
        return get(1, "/v1/status");
    }

    /// Whether every database source streams and has loaded its tables, and every folder is watched.
    boolean ready() throws Exception {
        JsonNode sources = ingest().path("sources");
        boolean ready = !sources.isEmpty();
        for (JsonNode source : sources) {
            String state = source.path("state").asString("");
            ready &= state.equals("STREAMING") || state.equals("WATCHING");
            for (JsonNode table : source.path("tables")) {
                ready &= table.path("state").asString("").equals("LOADED");
            }
        }
        return ready;
    }

    /// Rows of a lake table's current snapshot.
    long rows(String table) throws Exception {
        for (JsonNode candidate : get(2, "/v1/status").path("tables")) {
            if (candidate.path("name").asString("").equals(table)) {
                return candidate.path("rows").asLong(0);
            }
        }
        return 0;
    }

    /// The first value of a query's first row; missing where the query failed.
    JsonNode query(String sql) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri(0, "/v1/queries"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                JsonMapper.shared().writeValueAsString(Map.of("sql", sql, "waitMillis", 60_000))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return JsonMapper.shared()
                .readTree(response.body())
                .path("rows")
                .path(0)
                .path(0);
    }

    /// The answer to a GET at one of the services; missing while it does not answer with 200.
    JsonNode get(int service, String path) throws Exception {
        if (!process.isAlive()) {
            throw new IllegalStateException("The pipeline ended:\n" + Files.readString(log));
        }
        try {
            HttpResponse<String> response =
                    http.send(HttpRequest.newBuilder(uri(service, path)).build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? JsonMapper.shared().readTree(response.body())
                    : MissingNode.getInstance();
        } catch (IOException _) {
            return MissingNode.getInstance();
        }
    }

    /// Catalog-service's Iceberg REST catalog.
    URI catalog() {
        return uri(2, "/iceberg");
    }

    /// Posts JSON to one of the services.
    void post(int service, String path, String body) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri(service, path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(path + " answered " + response.statusCode() + ": " + response.body());
        }
    }

    private URI uri(int service, String path) {
        return URI.create("http://127.0.0.1:" + (port + service) + path);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        http.close();
    }
}
