package io.levada.local;

import io.levada.definition.PipelineDefinition;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `levada run`.
@Command(
        name = "run",
        description = "Runs the whole pipeline of a project in one JVM.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROJECT", description = "The directory that holds levada.yaml.")
    private Path project = Path.of(".");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Everything durable lies under it, and a restart goes on from it. Default: PROJECT/.levada.")
    private @Nullable Path data;

    @Mixin
    private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        LocalPorts ports = new LocalPorts(options.port);
        ProjectWatch watch = new ProjectWatch(project, new ProjectReader(System::getenv));
        PipelineDefinition definition = watch.definition();
        try (StopSignal stop = StopSignal.install();
                DataDirectory directory = DataDirectory.open(data == null ? project.resolve(".levada") : data)) {
            Logs.writeTo(directory.logs());
            return new LocalRun(watch, definition, directory, ports, options.once, stop, System.out).run();
        }
    }
}
