package io.levada.local;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada maintain`.
@Command(
        name = "maintain",
        description = "Makes small files into larger ones, lets old snapshots go and deletes files that nothing names,"
                + " at once instead of at the interval.",
        mixinStandardHelpOptions = true)
final class MaintainCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(300);

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TABLE",
            description = "Such as raw.shop_orders. Default: all.")
    private @Nullable String table;

    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        try (ServiceClient client = new ServiceClient()) {
            String url = address.service(client, "catalog") + "/v1/maintenance";
            ObjectNode order = JsonMapper.shared().createObjectNode();
            if (table != null) {
                order.put("table", table);
            }
            long run = client.post(url, order).path("run").asLong();
            MaintenanceText text = new MaintenanceText(ended(client, url, run), table);
            PrintWriter out = spec.commandLine().getOut();
            out.print(text);
            out.flush();
            return text.failed() ? LocalError.MAINTENANCE_FAILED.exitCode() : 0;
        }
    }

    private JsonNode ended(ServiceClient client, String url, long run) throws InterruptedException {
        String shown = "";
        while (true) {
            JsonNode state = client.get(url);
            if (state.path("finished").asLong() >= run) {
                return state;
            }
            String doing = MaintenanceText.doing(state);
            if (!doing.isEmpty() && !Objects.equals(doing, shown)) {
                spec.commandLine().getOut().println(doing);
                spec.commandLine().getOut().flush();
                shown = doing;
            }
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
    }
}
