package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// Carries out what a reader of the documentation types. Ports are other ones than those written, PostgreSQL is an
/// embedded one, and nothing is installed; a command of another kind is an error.
final class WrittenCommands implements AutoCloseable {
    private static final String HOST = "127.0.0.1:";
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    private static final List<String> INSTALLING = List.of("sudo apt install ", "sudo systemctl restart ");

    private final Path folder;
    private final @Nullable EmbeddedPostgresServer postgres;
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable PipelineProcess pipeline;

    private WrittenCommands(Path folder, @Nullable EmbeddedPostgresServer postgres) {
        this.folder = folder;
        this.postgres = postgres;
    }

    /// Commands typed in `folder`.
    static WrittenCommands with(Path folder, EmbeddedPostgresServer postgres) {
        return new WrittenCommands(folder, postgres);
    }

    /// Commands typed while the demo runs.
    static WrittenCommands demo(Path folder) throws IOException {
        WrittenCommands commands = new WrittenCommands(folder, null);
        commands.pipeline = PipelineProcess.demo(folder, folder.resolve("data")).awaitReady();
        return commands;
    }

    /// Runs one command.
    ///
    /// @return what it prints; empty where it fails
    Optional<String> run(String command) throws Exception {
        if (INSTALLING.stream().anyMatch(command::startsWith)) {
            return Optional.of("");
        }
        List<String> words = words(withPorts(command));
        return switch (words.getFirst()) {
            case "./levada" -> levada(words.subList(1, words.size()));
            case "curl" -> curl(words.getLast());
            case "export" -> export(words.getLast().split("=", 2));
            case "psql" -> sql(URI.create(words.get(1)), words.getLast());
            case "sudo" -> asAdministrator(words.subList(3, words.size()));
            default -> throw new IllegalArgumentException("Not known how to run: " + command);
        };
    }

    /// The text with the ports that are in use here.
    String withPorts(String text) {
        String ported = postgres == null ? text : text.replace(HOST + 5432, HOST + postgres.port());
        return pipeline == null
                ? ported
                : ported.replace(HOST + 8080, HOST + pipeline.ports().of(LevadaService.QUERY));
    }

    private Optional<String> levada(List<String> words) throws IOException, InterruptedException {
        if (words.getFirst().equals("run")) {
            return start(folder.resolve(words.getLast()));
        }
        List<String> arguments = new ArrayList<>(words);
        if (words.getFirst().equals("validate")) {
            arguments.set(1, folder.resolve(words.getLast()).toString());
        } else {
            LevadaService asked = words.contains("--warehouse") ? LevadaService.WAREHOUSE : LevadaService.QUERY;
            arguments.addAll(List.of("--url", running().ports().url(asked)));
        }
        StringWriter out = new StringWriter();
        CommandLine command = Levada.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(new StringWriter()));
        return command.execute(arguments.toArray(String[]::new)) == 0 ? Optional.of(out.toString()) : Optional.empty();
    }

    /// The reader has stopped the one that ran before with Ctrl-C.
    private Optional<String> start(Path project) throws IOException, InterruptedException {
        if (pipeline != null) {
            assertThat(pipeline.stop()).doesNotContain("close method failed");
            pipeline.close();
        }
        pipeline = PipelineProcess.run(project, project.resolve(".levada"), environment)
                .awaitReady();
        return Optional.of("");
    }

    private Optional<String> curl(String url) throws Exception {
        String base = running().ports().url(LevadaService.QUERY);
        return Optional.of(running().get(LevadaService.QUERY, url.substring(base.length())))
                .filter(response -> response.statusCode() == 200)
                .map(response -> response.body());
    }

    private Optional<String> export(String[] assignment) {
        environment.put(assignment[0], assignment[1]);
        return Optional.of("");
    }

    private Optional<String> asAdministrator(List<String> words) throws SQLException {
        EmbeddedPostgresServer server = Objects.requireNonNull(postgres);
        switch (words.getFirst()) {
            case "psql" -> server.execute("postgres", words.getLast());
            case "createdb" ->
                server.execute("postgres", "CREATE DATABASE " + words.getLast() + " OWNER " + words.get(2));
            default -> throw new IllegalArgumentException("Not known how to run as administrator: " + words);
        }
        return Optional.of("");
    }

    /// @param server as libpq writes it: user, password, host, port, database
    private static Optional<String> sql(URI server, String sql) throws SQLException {
        String[] login = server.getUserInfo().split(":", 2);
        String jdbc = "jdbc:postgresql://" + server.getHost() + ":" + server.getPort() + server.getPath();
        try (Connection connection = DriverManager.getConnection(jdbc, login[0], login[1]);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return Optional.of("");
    }

    private PipelineProcess running() {
        if (pipeline == null) {
            throw new IllegalStateException("No pipeline runs yet");
        }
        return pipeline;
    }

    private static List<String> words(String command) {
        return WORD.matcher(command)
                .results()
                .map(word -> Optional.ofNullable(word.group(1))
                        .or(() -> Optional.ofNullable(word.group(2)))
                        .orElse(word.group(3)))
                .toList();
    }

    @Override
    public void close() {
        if (pipeline != null) {
            pipeline.close();
        }
    }
}
