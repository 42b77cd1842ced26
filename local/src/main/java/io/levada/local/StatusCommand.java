package io.levada.local;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `levada status`.
@Command(
        name = "status",
        description = "Shows the sources, tables, loads and problems of a running pipeline.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Option(names = "--url", description = "query-service. Default: ${DEFAULT-VALUE}.")
    private String url = "http://127.0.0.1:8080";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (ServiceClient client = new ServiceClient()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(new StatusText(client.get(url + "/v1/status"), Instant.now()));
            out.flush();
        }
        return 0;
    }
}
