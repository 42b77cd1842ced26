package io.levada.local;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
        JsonNode ingest = status.path("ingest").path("status");
        JsonNode catalog = status.path("catalog").path("status");
        JsonNode transform = status.path("transform").path("status");
        JsonNode warehouse = status.path("warehouse").path("status");
        unreachable(text, status);
        List<JsonNode> sources = elements(ingest.path("sources"));
        section(
                text,
                "Databases",
                chosen(sources, "postgres"),
                "name",
                "state",
                "lagBytes",
                "changes",
                "quarantinedRows",
                "commitTime",
                "message");
        section(
                text,
                "Folders",
                chosen(sources, ""),
                "name",
                "state",
                "arrived",
                "landed",
                "quarantinedFiles",
                "quarantinedRows",
                "refused",
                "lastError");
        section(text, "Tables", elements(catalog.path("tables")), "name", "rows", "files", "bytes", "committedAt");
        section(text, "Derived tables", elements(transform.path("tables")), "name", "state", "error");
        section(
                text,
                "Warehouse",
                elements(warehouse.path("loads")),
                "target",
                "from",
                "state",
                "rows",
                "loadedAt",
                "error");
        section(text, "Parked", elements(catalog.path("parked")), "table", "code", "reason", "nextStep");
        return text.toString();
    }

    /// Databases say their type; folders say none.
    private static List<JsonNode> chosen(List<JsonNode> sources, String type) {
        return sources.stream()
                .filter(source -> source.path("type").asString("").equals(type))
                .toList();
    }

    private static List<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static void unreachable(StringBuilder text, JsonNode status) {
        status.properties().stream()
                .filter(service -> !service.getValue().path("reachable").asBoolean(false))
                .forEach(service -> text.append(service.getKey())
                        .append("-service does not answer: ")
                        .append(cell(service.getValue().path("error")))
                        .append('\n'));
    }

    private static void section(StringBuilder text, String title, List<JsonNode> rows, String... keys) {
        if (rows.isEmpty()) {
            return;
        }
        TextTable table = new TextTable(keys);
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
