package io.levada.local;

import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.postgres.PostgresRemoval;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada source`.
@Command(
        name = "source",
        description = "Orders to a database source of a running pipeline.",
        mixinStandardHelpOptions = true)
final class SourceCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "pause",
            description = "Stops reading a source's log; its server keeps the log. Holds over restarts.",
            mixinStandardHelpOptions = true)
    int pause(
            @Parameters(paramLabel = "SOURCE", description = "Its name in levada.yaml.") String source,
            @Mixin PipelineAddress address) {
        return order(address, source, "pause", nothing());
    }

    @Command(
            name = "resume",
            description = "Goes on where a source was paused or has stopped.",
            mixinStandardHelpOptions = true)
    int resume(
            @Parameters(paramLabel = "SOURCE", description = "Its name in levada.yaml.") String source,
            @Mixin PipelineAddress address) {
        return order(address, source, "resume", nothing());
    }

    @Command(
            name = "repair",
            description = "After log was lost: begins anew at the end of the log and loads all tables again.",
            mixinStandardHelpOptions = true)
    int repair(
            @Parameters(paramLabel = "SOURCE", description = "Its name in levada.yaml.") String source,
            @Option(names = "--force", description = "Also where no log is lost.") boolean force,
            @Mixin PipelineAddress address) {
        return order(address, source, "repair", nothing().put("force", force));
    }

    @Command(
            name = "drop",
            description = "Removes slot and publication of a source, so that its server keeps no log for it any more.",
            mixinStandardHelpOptions = true)
    int drop(
            @Parameters(paramLabel = "SOURCE", description = "Its name in levada.yaml.") String source,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "PROJECT",
                            description = "The project's directory, where its pipeline does not run.")
                    @Nullable
                    Path project,
            @Option(names = "--yes", description = "Without it nothing is done.") boolean yes,
            @Mixin PipelineAddress address) {
        if (!yes) {
            throw new LocalException(
                    LocalError.NOT_CONFIRMED,
                    "Nothing was done: without its slot, source " + source
                            + " can only go on with a repair that loads all its tables again",
                    "Give the command again with --yes");
        }
        return project == null ? order(address, source, "drop", nothing()) : remove(project, source);
    }

    private int remove(Path project, String name) {
        PipelineDefinition definition = new ProjectReader(System::getenv).read(project);
        if (!(definition.sources().get(name) instanceof PostgresSource source)) {
            throw new LocalException(
                    LocalError.ORDER_REFUSED,
                    "levada.yaml has no database source " + name,
                    "Give one of " + String.join(", ", definition.sources().keySet()));
        }
        try {
            say(PostgresRemoval.remove(definition.project(), source));
            return 0;
        } catch (SourceProblem e) {
            throw new LocalException(
                    LocalError.ORDER_REFUSED, e.code().code() + ": " + e.getMessage(), e.nextStep(), e);
        } catch (SQLException e) {
            throw new LocalException(
                    LocalError.ORDER_REFUSED,
                    "The server of source " + name + " refused: " + e.getMessage(),
                    "See that it runs and that the role may drop its slot and publication",
                    e);
        }
    }

    private int order(PipelineAddress address, String source, String verb, ObjectNode body) {
        try (ServiceClient client = new ServiceClient()) {
            String path = "/v1/sources/" + URLEncoder.encode(source, StandardCharsets.UTF_8) + "/" + verb;
            say(Objects.requireNonNull(
                    address.post(client, path, body).path("message").asString("")));
        }
        return 0;
    }

    private void say(String done) {
        spec.commandLine().getOut().println(done);
        spec.commandLine().getOut().flush();
    }

    private static ObjectNode nothing() {
        return JsonMapper.shared().createObjectNode();
    }
}
