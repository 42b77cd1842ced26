package io.levada.local;

import io.levada.definition.PipelineDefinition;
import io.levada.local.demo.DemoDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `levada demo`: the default example, with its source database embedded.
@Command(
        name = "demo",
        description = "Runs the default example, examples/lab, with its PostgreSQL embedded.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    /// System property that names the checkout, set by the shell command.
    private static final String HOME = "levada.home";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Everything durable lies under it. Default: .levada/demo.")
    private @Nullable Path data;

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        LocalPorts ports = new LocalPorts(options.port);
        Path home = Path.of(System.getProperty(HOME, ".")).toAbsolutePath().normalize();
        Path project = home.resolve("examples").resolve("lab");
        if (!Files.isRegularFile(project.resolve("levada.yaml"))) {
            throw new LocalException(
                    LocalError.START_FAILED,
                    "The example " + project + " is missing",
                    "Start ./levada from a complete checkout");
        }
        try (StopSignal stop = StopSignal.install();
                DataDirectory directory = DataDirectory.open(
                        data == null ? home.resolve(".levada").resolve("demo") : data)) {
            Logs.writeTo(directory.logs());
            ports.requireFree();
            try (DemoDatabase database = database(directory)) {
                Map<String, String> environment = new HashMap<>(System.getenv());
                environment.putAll(database.environment());
                ProjectWatch watch = new ProjectWatch(project, new ProjectReader(environment::get));
                PipelineDefinition definition = watch.definition();
                if (!options.once) {
                    database.keepWriting();
                }
                return new LocalRun(watch, definition, directory, ports, options.once, stop, System.out).run();
            }
        }
    }

    private static DemoDatabase database(DataDirectory directory) {
        System.out.println("Starting PostgreSQL with the database financeiro ...");
        try {
            return DemoDatabase.start(
                    directory.folder("postgres"), directory.logs().resolve("postgres.log"));
        } catch (IOException | SQLException e) {
            throw new LocalException(
                    LocalError.DEMO_DATABASE,
                    "The demo's PostgreSQL under " + directory.folder("postgres") + " did not start: " + e.getMessage(),
                    "Look into " + directory.logs().resolve("postgres.log")
                            + "; `./levada run PROJECT` needs no embedded database",
                    e);
        }
    }
}
