package io.levada.local;

import io.levada.local.demo.DemoDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `levada demo`: the default example, with its source databases embedded.
@Command(
        name = "demo",
        description =
                "Runs the default example, examples/lab, with its PostgreSQL and MariaDB embedded. With SUPORTE_URL"
                        + " set, it is examples/lab-mongodb, whose tickets are in that MongoDB.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    /// System property that names the checkout, set by the shell command.
    private static final String HOME = "levada.home";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Everything durable lies under it. Default: .levada/demo; with SUPORTE_URL"
                    + " .levada/demo-mongodb.")
    private @Nullable Path data;

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        LocalPorts ports = new LocalPorts(options.port);
        Path home = Path.of(System.getProperty(HOME, ".")).toAbsolutePath().normalize();
        boolean mongo = System.getenv("SUPORTE_URL") != null;
        Path project = home.resolve("examples").resolve(mongo ? "lab-mongodb" : "lab");
        if (!Files.isRegularFile(project.resolve("levada.yaml"))) {
            throw new LocalException(
                    LocalError.START_FAILED,
                    "The example " + project + " is missing",
                    "Start ./levada from a complete checkout");
        }
        try (StopSignal stop = StopSignal.install();
                DataDirectory directory = DataDirectory.open(
                        data == null ? home.resolve(".levada").resolve(mongo ? "demo-mongodb" : "demo") : data)) {
            Logs.writeTo(directory.logs());
            ports.requireFree();
            System.out.println("Starting PostgreSQL with the database financeiro, and MariaDB with vendas ...");
            try (DemoDatabases databases = DemoDatabases.begin(directory.root(), directory.logs())) {
                Map<String, String> environment = new HashMap<>(Map.of("SUPORTE_USER", "", "SUPORTE_PASSWORD", ""));
                environment.putAll(System.getenv());
                environment.putAll(databases.environment());
                ProjectWatch watch = new ProjectWatch(project, new ProjectReader(environment::get));
                return new LocalRun(
                                watch,
                                watch.definition(),
                                directory,
                                ports,
                                options.once,
                                stop,
                                System.out,
                                () -> await(databases, directory))
                        .run();
            }
        }
    }

    private void await(DemoDatabases databases, DataDirectory directory) {
        try {
            databases.await();
            if (!options.once) {
                databases.keepWriting();
            }
        } catch (IOException e) {
            throw new LocalException(
                    LocalError.DEMO_DATABASE,
                    "A database of the demo under " + directory.root() + " did not start: " + e.getMessage(),
                    "Look into postgres.log and mariadb.log of " + directory.logs()
                            + "; `./levada run PROJECT` needs no embedded database",
                    e);
        }
    }
}
