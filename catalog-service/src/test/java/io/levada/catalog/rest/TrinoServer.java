package io.levada.catalog.rest;

import io.levada.testing.Eventually;
import io.levada.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Trino of its own process on this JDK, with one catalog `lake` that speaks to an Iceberg REST catalog.
final class TrinoServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final URI base;
    private final HttpClient http = HttpClient.newHttpClient();

    private TrinoServer(Process process, int port) {
        this.process = process;
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    /// Unpacks the archive by `tar`: most of it are links between its files, which Maven leaves out.
    ///
    /// @return the one folder in it
    static Path unpack(Path archive, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path log = folder.resolveSibling("tar.log");
        int exit = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("tar ended with " + exit + ": " + Files.readString(log));
        }
        try (Stream<Path> unpacked = Files.list(folder)) {
            return unpacked.findFirst().orElseThrow();
        }
    }

    /// @param home the unpacked archive
    /// @param directory for its settings and data
    /// @param catalog lines of the catalog's properties file, besides those that name the connector
    static TrinoServer start(Path home, Path directory, List<String> catalog) throws IOException {
        int port = FreePorts.one();
        Path settings = Files.createDirectories(directory.resolve("etc/catalog"));
        Files.write(
                directory.resolve("etc/config.properties"),
                List.of(
                        "coordinator=true",
                        "node-scheduler.include-coordinator=true",
                        "http-server.http.port=" + port,
                        "discovery.uri=http://127.0.0.1:" + port,
                        "query.max-memory=256MB",
                        "query.max-memory-per-node=256MB",
                        "memory.heap-headroom-per-node=128MB"));
        List<String> lines = new ArrayList<>(List.of("connector.name=iceberg", "iceberg.catalog.type=rest"));
        lines.addAll(catalog);
        Files.write(settings.resolve("lake.properties"), lines);
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx1g",
                        "-Djdk.attach.allowAttachSelf=true",
                        "--add-modules=jdk.incubator.vector",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dconfig=" + directory.resolve("etc/config.properties"),
                        "-Dnode.environment=test",
                        "-Dnode.id=test",
                        "-Dnode.data-dir=" + directory.resolve("data"),
                        "-Dcatalog.config-dir=" + settings,
                        "-Dplugin.dir=" + plugins(home, directory),
                        "-cp",
                        home.resolve("lib") + "/*",
                        "io.trino.server.TrinoServer")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("trino.log").toFile())
                .start();
        TrinoServer server = new TrinoServer(process, port);
        server.awaitStart(directory.resolve("trino.log"));
        return server;
    }

    /// Only the connector that is needed: all of them take a minute to load.
    private static Path plugins(Path home, Path directory) throws IOException {
        Path plugins = Files.createDirectories(directory.resolve("plugin"));
        Files.createSymbolicLink(plugins.resolve("iceberg"), home.resolve("plugin/iceberg"));
        return plugins;
    }

    private void awaitStart(Path log) {
        Eventually.within(Duration.ofMinutes(5), () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("Trino ended: " + Files.readString(log));
            }
            JsonNode info = JSON.readTree(send(HttpRequest.newBuilder(base.resolve("/v1/info"))));
            if (info.get("starting").asBoolean()) {
                throw new IllegalStateException("Trino starts");
            }
        });
    }

    /// Runs a statement to its end.
    ///
    /// @return its rows, each as JSON
    List<String> run(String sql) throws IOException, InterruptedException {
        List<String> rows = new ArrayList<>();
        JsonNode answer = JSON.readTree(send(
                HttpRequest.newBuilder(base.resolve("/v1/statement")).POST(HttpRequest.BodyPublishers.ofString(sql))));
        while (true) {
            if (answer.has("error")) {
                throw new IllegalStateException(sql + ": " + answer.get("error").get("message"));
            }
            answer.path("data").forEach(row -> rows.add(row.toString()));
            if (!answer.has("nextUri")) {
                return rows;
            }
            answer = JSON.readTree(
                    send(HttpRequest.newBuilder(URI.create(answer.get("nextUri").asString()))));
        }
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(
                        request.header("X-Trino-User", "test")
                                .timeout(Duration.ofMinutes(2))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
