package io.levada.local;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada erase`.
@Command(
        name = "erase",
        description =
                "Takes all rows of a key out of the lake for good: of a source's table, of all that follows from it,"
                        + " of older snapshots, and of Kafka. Delete the row at its source first.",
        mixinStandardHelpOptions = true)
final class EraseCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration LONGEST_LOAD = Duration.ofMinutes(2);

    @Parameters(index = "0", paramLabel = "TABLE", description = "Such as stage.shop_customer.")
    private String table = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "KEY",
            description = "The value of the key, or column=value for each of its columns; of a table without a key,"
                    + " for the columns that the rows are found by.")
    private List<String> key = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only counts the rows.")
    private boolean dryRun;

    @Mixin
    private PipelineAddress address = new PipelineAddress();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        try (ServiceClient client = new ServiceClient()) {
            String catalog = address.service(client, "catalog");
            ObjectNode order =
                    JsonMapper.shared().createObjectNode().put("table", table).put("dryRun", dryRun);
            key.forEach(order.putArray("key")::add);
            JsonNode answer = client.post(catalog + "/v1/erasures", order);
            PrintWriter out = spec.commandLine().getOut();
            if (dryRun) {
                out.print(ErasureText.preview(answer));
            } else {
                JsonNode ended = ended(client, catalog, answer);
                out.print(new ErasureText(ended, loads(client, ended)));
            }
            out.flush();
            return 0;
        }
    }

    /// Waits until no table and no snapshot has the rows. Whoever does not wait stops nothing.
    private JsonNode ended(ServiceClient client, String catalog, JsonNode ordered) throws InterruptedException {
        String url = catalog + "/v1/erasures/"
                + ordered.path("erasure").path("order").path("id").asString("");
        String shown = "";
        JsonNode status = ordered;
        while (!List.of("DELETING", "DONE")
                .contains(status.path("erasure").path("stage").asString(""))) {
            shown = show(ErasureText.waiting(status), shown);
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            status = client.get(url);
        }
        return status;
    }

    private String show(String text, String shown) {
        if (!text.isEmpty() && !text.equals(shown)) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(text);
            err.flush();
        }
        return text;
    }

    /// The loads of the warehouse that come from tables which had the rows, once they are anew.
    private List<JsonNode> loads(ServiceClient client, JsonNode ended) throws InterruptedException {
        JsonNode erasure = ended.path("erasure");
        Instant ordered = Instant.parse(erasure.path("order").path("at").asString(""));
        @Nullable String warehouse = address.serviceIfAny(client, "warehouse");
        long due = System.nanoTime() + LONGEST_LOAD.toNanos();
        String shown = "";
        while (warehouse != null) {
            List<JsonNode> loads = new ArrayList<>();
            List<String> behind = new ArrayList<>();
            for (JsonNode load : client.get(warehouse + "/v1/status").path("loads")) {
                if (erasure.path("places").has(load.path("from").asString(""))) {
                    loads.add(load);
                    if (!isAnew(load, ordered)) {
                        behind.add(load.path("target").asString(""));
                    }
                }
            }
            if (behind.isEmpty() || System.nanoTime() - due >= 0) {
                return loads;
            }
            shown = show("Waiting for " + String.join(", ", behind) + " to be loaded", shown);
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        return List.of();
    }

    static boolean isAnew(JsonNode load, Instant ordered) {
        return load.path("state").asString("").equals("UP_TO_DATE")
                && load.hasNonNull("loadedAt")
                && Instant.parse(load.path("loadedAt").asString("")).isAfter(ordered);
    }
}
