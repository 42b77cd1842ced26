package io.levada.local;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `levada status`.
@Command(
        name = "status",
        description = "Shows the sources, tables, loads and problems of a running pipeline.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (ServiceClient client = new ServiceClient()) {
            JsonNode status = address.status(client);
            OpenEntries open = OpenEntries.ask(client, address, status);
            PrintWriter out = spec.commandLine().getOut();
            Instant now = Instant.now();
            out.print(new StatusText(status, open, now));
            out.print(MaintenanceStatus.ask(client, status, now));
            out.flush();
        }
        return 0;
    }
}
