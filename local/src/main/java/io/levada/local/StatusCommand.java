package io.levada.local;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `levada status`.
@Command(
        name = "status",
        description = "Shows the sources, tables and loads of a running pipeline.",
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
            out.print(text(client.get(url + "/v1/status")));
            out.flush();
        }
        return 0;
    }

    /// Lays out query-service's status, which holds each service's own under its name.
    static String text(JsonNode status) {
        StringBuilder text = new StringBuilder();
        JsonNode ingest = status.path("ingest");
        JsonNode catalog = status.path("catalog");
        unreachable(text, status);
        section(
                text,
                "Sources",
                ingest.path("sources"),
                "source",
                "name",
                "type",
                "state",
                "lagBytes",
                "changes",
                "message");
        section(text, "Tables", catalog.path("tables"), "table", "name", "rows", "files", "bytes", "committedAt");
        section(text, "Derived tables", status.path("transform").path("tables"), "table", "name", "state", "error");
        section(
                text,
                "Warehouse",
                status.path("warehouse").path("loads"),
                "target",
                "target",
                "from",
                "state",
                "rows",
                "loadedAt",
                "error");
        section(text, "Parked", catalog.path("parked"), "table", "table", "code", "reason", "nextStep");
        return text.toString();
    }

    private static void unreachable(StringBuilder text, JsonNode status) {
        for (String service : new String[] {"ingest", "catalog", "transform", "warehouse"}) {
            JsonNode own = status.path(service);
            if (own.isMissingNode() || own.hasNonNull("unreachable")) {
                text.append(service)
                        .append("-service does not answer: ")
                        .append(cell(own.path("unreachable")))
                        .append('\n');
            }
        }
    }

    private static void section(StringBuilder text, String title, JsonNode rows, String first, String... keys) {
        if (rows.isEmpty()) {
            return;
        }
        TextTable table = new TextTable(
                Stream.of(keys).map(key -> key.equals(keys[0]) ? first : key).toList());
        rows.forEach(
                row -> table.row(Stream.of(keys).map(key -> cell(row.path(key))).toList()));
        text.append(title).append('\n').append(table).append('\n');
    }

    private static String cell(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return "";
        }
        if (value.isIntegralNumber()) {
            return String.format(Locale.ROOT, "%,d", value.asLong());
        }
        if (value.isObject()) {
            return value.properties().stream()
                    .map(entry -> cell(entry.getValue()))
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.joining(": "));
        }
        return value.isString() ? value.asString() : value.toString();
    }
}
