package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada run` in a JVM of its own, which a test can kill at any moment and start again on the same data.
final class PipelineProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration STOP = Duration.ofSeconds(90);

    private final Path project;
    private final Path data;
    private final Map<String, String> environment;
    private final String mainClass;
    private final LocalPorts ports = freePorts();
    private final ServiceClient client = new ServiceClient();
    private Process process;

    /// @param environment variables that the definition reads
    /// @param mainClass usually [Levada]; a test may start its own, which adds listeners first
    private PipelineProcess(Path project, Path data, Map<String, String> environment, Class<?> mainClass)
            throws IOException {
        this.project = project;
        this.data = data;
        this.environment = Map.copyOf(environment);
        this.mainClass = mainClass.getName();
        this.process = launch();
    }

    static PipelineProcess start(Path project, Path data, Map<String, String> environment) {
        return start(project, data, environment, Levada.class);
    }

    static PipelineProcess start(Path project, Path data, Map<String, String> environment, Class<?> mainClass) {
        try {
            PipelineProcess pipeline = new PipelineProcess(project, data, environment, mainClass);
            pipeline.awaitReady();
            return pipeline;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() throws IOException {
        Files.createDirectories(data);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                mainClass,
                "run",
                project.toString(),
                "--data",
                data.toString(),
                "--port",
                Integer.toString(ports.first())));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /// Everything that the process wrote to its console, over all starts.
    Path console() {
        return data.resolveSibling(data.getFileName() + "-console.txt");
    }

    private void awaitReady() {
        Eventually.within(START, () -> {
            assertThat(process.isAlive())
                    .as(() -> "The pipeline ended: " + consoleText())
                    .isTrue();
            for (LevadaService service : LevadaService.values()) {
                client.text(ports.url(service) + "/actuator/health/readiness");
            }
        });
    }

    private String consoleText() {
        try {
            return Files.readString(console());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LocalPorts ports() {
        return ports;
    }

    PipelineStatus status() {
        return PipelineStatus.ask(client, ports);
    }

    /// Rows of a SELECT over the lake.
    JsonNode query(String sql) {
        return query(LevadaService.QUERY, sql);
    }

    /// Rows of a SELECT over the warehouse.
    JsonNode queryWarehouse(String sql) {
        return query(LevadaService.WAREHOUSE, sql);
    }

    private JsonNode query(LevadaService service, String sql) {
        ObjectNode request = JsonMapper.shared().createObjectNode();
        request.put("sql", sql).put("maxRows", 10_000).put("waitMillis", 60_000);
        JsonNode answer = client.post(ports.url(service) + "/v1/queries", request);
        assertThat(answer.path("state").asString("")).as(answer::toString).isEqualTo("SUCCEEDED");
        return answer.path("rows");
    }

    /// Ends the process as a power cut would.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /// Starts it again after [#kill()], on the same data.
    void restart() throws IOException {
        process = launch();
        awaitReady();
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Five ports in a row, below those that the system hands out.
    private static LocalPorts freePorts() {
        while (true) {
            LocalPorts ports = new LocalPorts(ThreadLocalRandom.current().nextInt(20_000, 30_000));
            boolean free = true;
            for (LevadaService service : LevadaService.values()) {
                try (ServerSocket _ = new ServerSocket(ports.of(service), 1, InetAddress.getLoopbackAddress())) {
                    continue;
                } catch (IOException _) {
                    free = false;
                }
            }
            if (free) {
                return ports;
            }
        }
    }
}
