package io.levada.local;

import io.levada.definition.PipelineDefinition;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `levada validate`.
@Command(
        name = "validate",
        description = "Reads a project and reports all its problems at once (exit code 2); connects to nothing.",
        mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROJECT", description = "The directory that holds levada.yaml.")
    private Path project = Path.of(".");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(project);
        spec.commandLine()
                .getOut()
                .printf(
                        "%s is valid: %d sources, %d tables, %d queries, %d loads.%n",
                        definition.project(),
                        definition.sources().size(),
                        definition.tables().size(),
                        definition.queries().size(),
                        definition.loads().size());
        return 0;
    }
}
