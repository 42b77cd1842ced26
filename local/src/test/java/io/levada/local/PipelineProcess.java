package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.Eventually;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A pipeline in a JVM of its own, which a test can kill.
final class PipelineProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration PHASE = Duration.ofSeconds(240);

    private final Path project;
    private final Path data;
    private final LocalPorts ports;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ServiceClient client = new ServiceClient();
    private Process process;

    private PipelineProcess(Path project, Path data, LocalPorts ports, Process process) {
        this.project = project;
        this.data = data;
        this.ports = ports;
        this.process = process;
    }

    /// Runs `levada run` with the project.
    static PipelineProcess run(Path project, Path data) throws IOException {
        return run(project, data, Map.of());
    }

    /// Runs `levada run` with the project and more environment variables.
    static PipelineProcess run(Path project, Path data, Map<String, String> environment) throws IOException {
        LocalPorts ports = new LocalPorts(freeBase());
        return new PipelineProcess(
                project,
                data,
                ports,
                launch(
                        project,
                        environment,
                        Levada.class,
                        "run",
                        project.toString(),
                        "--data",
                        data.toString(),
                        "--port",
                        port(ports)));
    }

    /// Runs `levada run --once` to its end.
    ///
    /// @return what it said
    static String runOnce(Path project, Path data) throws IOException, InterruptedException {
        LocalPorts ports = new LocalPorts(freeBase());
        try (PipelineProcess once = new PipelineProcess(
                project,
                data,
                ports,
                launch(
                        project,
                        Map.of(),
                        Levada.class,
                        "run",
                        project.toString(),
                        "--once",
                        "--data",
                        data.toString(),
                        "--port",
                        port(ports)))) {
            int exit = once.awaitExit(START);
            String said = Files.readString(project.resolve("process.log"));
            if (exit != 0) {
                throw new AssertionError("It ended with " + exit + ": " + said);
            }
            return said;
        }
    }

    /// Runs `levada demo`.
    ///
    /// @param scratch takes the process's output
    static PipelineProcess demo(Path scratch, Path data) throws IOException {
        LocalPorts ports = new LocalPorts(freeBase());
        return new PipelineProcess(
                scratch,
                data,
                ports,
                launch(scratch, Map.of(), Levada.class, "demo", "--data", data.toString(), "--port", port(ports)));
    }

    /// Runs the pipeline so that it halts at a step; see [HaltingPipeline].
    static PipelineProcess halting(Path project, Path data, String step, String table) throws IOException {
        LocalPorts ports = new LocalPorts(freeBase());
        return new PipelineProcess(
                project,
                data,
                ports,
                launch(
                        project,
                        Map.of(),
                        HaltingPipeline.class,
                        project.toString(),
                        data.toString(),
                        port(ports),
                        step,
                        table));
    }

    /// Runs the pipeline so that its broker alone can be stopped; see [SwitchablePipeline].
    static PipelineProcess switchable(Path project, Path data, Path off) throws IOException {
        LocalPorts ports = new LocalPorts(freeBase());
        return new PipelineProcess(
                project,
                data,
                ports,
                launch(
                        project,
                        Map.of(),
                        SwitchablePipeline.class,
                        project.toString(),
                        data.toString(),
                        port(ports),
                        off.toString()));
    }

    /// Runs the pipeline so that it says when it is in a phase; see [SteeredPipeline].
    static PipelineProcess steered(Path project, Path data, Phase phase, Duration armedAfter, Path marks)
            throws IOException {
        LocalPorts ports = new LocalPorts(freeBase());
        return new PipelineProcess(
                project,
                data,
                ports,
                launch(
                        project,
                        Map.of(),
                        SteeredPipeline.class,
                        project.toString(),
                        data.toString(),
                        port(ports),
                        phase.name(),
                        Long.toString(armedAfter.toMillis()),
                        marks.toString()));
    }

    /// Runs one part of a pipeline whose parts have a process each; see [PipelinePart].
    ///
    /// @param ports those of the whole pipeline
    static PipelineProcess part(Path project, Path data, LocalPorts ports, List<String> arguments) throws IOException {
        return new PipelineProcess(
                project, data, ports, launch(project, Map.of(), PipelinePart.class, arguments.toArray(String[]::new)));
    }

    /// Ports of a pipeline that is to be started.
    static LocalPorts freePorts() {
        return new LocalPorts(freeBase());
    }

    /// Waits until the process is in the phase in which it is to be killed.
    void awaitKillable(Path marks) {
        Eventually.within(PHASE, () -> PhaseMarks.isKillable(marks) || !process.isAlive(), done -> done);
        if (!process.isAlive()) {
            throw new IllegalStateException("The pipeline ended with " + process.exitValue() + ": " + lastWords());
        }
    }

    private static String port(LocalPorts ports) {
        return Integer.toString(ports.of(LevadaService.QUERY));
    }

    /// A port of which the four after it are free as well, below those that the system gives to outgoing
    /// connections.
    private static int freeBase() {
        for (int attempt = 0; attempt < 50; attempt++) {
            int base = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            try {
                new LocalPorts(base).requireFree();
                return base;
            } catch (LocalException _) {
                // One of the five is taken: draw again.
            }
        }
        throw new IllegalStateException("No five free ports in a row");
    }

    private static Process launch(Path project, Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + Files.createTempDirectory(project, "tmp"),
                "-Dlevada.home=" + Path.of("..").toAbsolutePath().normalize()));
        command.addAll(classes(main));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        File log = project.resolve("process.log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /// Where Maven has packaged the product and its libraries, as `./levada` does. The tests' own classes come after
    /// them.
    private static List<String> classes(Class<?> main) throws IOException {
        String tests = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String libraries = System.getProperty("levada.test.libraries");
        if (libraries == null) {
            return List.of("-cp", tests);
        }
        List<String> classPath = new ArrayList<>(List.of(libraries + "/*"));
        if (main != Levada.class) {
            Stream.of(tests.split(File.pathSeparator))
                    .filter(entry -> Files.notExists(
                            Path.of(libraries).resolve(Path.of(entry).getFileName())))
                    .forEach(classPath::add);
        }
        List<String> options =
                new ArrayList<>(ClassArchive.of(Path.of(libraries)).options());
        options.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
        return options;
    }

    /// Waits until every service answers.
    PipelineProcess awaitReady() {
        Eventually.within(START, () -> status().isPresent() || !process.isAlive(), done -> done);
        if (!process.isAlive()) {
            throw new IllegalStateException("The pipeline ended with " + process.exitValue() + ": " + lastWords());
        }
        return this;
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(project.resolve("process.log"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    LocalPorts ports() {
        return ports;
    }

    /// What the services say; empty while one of them does not answer.
    Optional<PipelineStatus> status() {
        try {
            return Optional.of(PipelineStatus.ask(client, ports));
        } catch (LocalException e) {
            return Optional.empty();
        }
    }

    /// The rows of a query against the lake.
    JsonNode query(String sql) throws Exception {
        return query(LevadaService.QUERY, sql);
    }

    JsonNode query(LevadaService service, String sql) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(ports.url(service) + "/v1/queries"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                JsonMapper.shared().writeValueAsString(Map.of("sql", sql, "waitMillis", 60_000))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode body = JsonMapper.shared().readTree(response.body());
        if (response.statusCode() != 200 || !body.path("state").asString("").equals("SUCCEEDED")) {
            throw new IllegalStateException("Query failed: " + sql + " -> " + response.body());
        }
        return body.path("rows");
    }

    /// Waits until a query against the lake, whose tables need not be there yet, gives these rows.
    ///
    /// @param rows as JSON
    void awaitRows(String sql, String rows) {
        awaitRows(LevadaService.QUERY, sql, rows);
    }

    void awaitRows(LevadaService service, String sql, String rows) {
        Eventually.within(Eventually.PATIENCE, () -> query(service, sql).toString(), rows::equals);
    }

    /// What a command says that asks this pipeline.
    ///
    /// @throws AssertionError where it ends with another exit code
    String levada(int exitCode, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", ports.url(LevadaService.QUERY)));
        StringWriter said = new StringWriter();
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(said));
        command.setErr(new PrintWriter(said));
        assertThat(command.execute(all.toArray(String[]::new)))
                .as(said::toString)
                .isEqualTo(exitCode);
        return said.toString();
    }

    /// The body of a GET at one of the services.
    HttpResponse<String> get(LevadaService service, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(ports.url(service) + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// The body of a GET anywhere.
    String get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    HttpResponse<String> post(LevadaService service, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(ports.url(service) + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Stops it as Ctrl-C does, and waits for its end.
    ///
    /// @return what it has printed since its first start
    String stop() throws IOException, InterruptedException {
        process.destroy();
        awaitExit(START);
        return Files.readString(project.resolve("process.log"));
    }

    /// Sends a signal, such as `STOP`.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /// kill -9.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// Waits until the process has ended by itself.
    ///
    /// @return its exit code
    int awaitExit(Duration bound) throws InterruptedException {
        if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("The process has not ended within " + bound);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
        http.close();
    }
}
