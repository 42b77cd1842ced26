package io.levada.local;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `levada history`.
@Command(
        name = "history",
        description = "Shows the snapshots of a table of the lake, newest first, with what caused each.",
        mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TABLE", description = "Such as raw.shop_orders.")
    private String table = "";

    @Option(names = "--limit", description = "How many, up to 1000. Default: 20.")
    private int limit = 20;

    @Option(names = "--before", paramLabel = "SNAPSHOT", description = "Those older than this one.")
    private @Nullable Long before;

    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (ServiceClient client = new ServiceClient()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(new HistoryText(address.table(client, table, limit, before)));
            out.flush();
        }
        return 0;
    }
}
