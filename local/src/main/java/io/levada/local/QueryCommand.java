package io.levada.local;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `levada query`.
@Command(
        name = "query",
        description = "Asks a running pipeline one SELECT over its lake, or over its warehouse.",
        mixinStandardHelpOptions = true)
final class QueryCommand implements Callable<Integer> {
    private static final int SHOWN_ROWS = 10_000;

    /// As many as a service gives.
    private static final int EXPORTED_ROWS = 100_000;

    private static final int WAIT_MILLIS = 10_000;

    /// How results are shown.
    enum Format {
        TABLE,
        CSV,
        JSON
    }

    @Parameters(paramLabel = "SQL", description = "One SELECT.")
    private String sql = "";

    @Option(
            names = "--url",
            description = "The service to ask. Default: http://127.0.0.1:8080, or port 8084 with --warehouse.")
    private @Nullable String url;

    @Option(names = "--format", description = "table, csv or json. Default: table.")
    private Format format = Format.TABLE;

    @Option(names = "--warehouse", description = "Asks the warehouse instead of the lake.")
    private boolean warehouse;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        LevadaService service = warehouse ? LevadaService.WAREHOUSE : LevadaService.QUERY;
        String base = url == null ? new LocalPorts(LocalPorts.DEFAULT_FIRST).url(service) : withoutSlash(url);
        try (ServiceClient client = new ServiceClient()) {
            JsonNode result = finished(client, base, ask(client, base));
            if (!result.path("state").asString("").equals("SUCCEEDED")) {
                throw failed(result);
            }
            show(client, base, result);
            if (format != Format.TABLE && result.path("truncated").asBoolean(false)) {
                throw new LocalException(
                        LocalError.RESULT_CUT,
                        "The result has more rows than the "
                                + result.path("rows").size() + " that are written",
                        "Ask for a part of the rows, with WHERE or with ORDER BY, LIMIT and OFFSET; a service answers at"
                                + " most 100,000 rows and 32 MB");
            }
        }
        return 0;
    }

    private JsonNode ask(ServiceClient client, String base) {
        ObjectNode request = JsonMapper.shared().createObjectNode();
        request.put("sql", sql)
                .put("maxRows", format == Format.TABLE ? SHOWN_ROWS : EXPORTED_ROWS)
                .put("waitMillis", WAIT_MILLIS);
        return client.post(base + "/v1/queries", request);
    }

    private static JsonNode finished(ServiceClient client, String base, JsonNode first) throws InterruptedException {
        JsonNode answer = first;
        while (List.of("QUEUED", "RUNNING").contains(answer.path("state").asString(""))) {
            Thread.sleep(250);
            answer = client.get(base + "/v1/queries/" + answer.path("id").asString(""));
        }
        return answer;
    }

    private static LocalException failed(JsonNode result) {
        JsonNode error = result.path("error");
        return new LocalException(
                LocalError.QUERY_FAILED,
                "The query is " + result.path("state").asString("in no known state") + ": "
                        + error.path("code").asString("") + " "
                        + error.path("detail").asString(""),
                error.path("nextStep").asString(""));
    }

    private void show(ServiceClient client, String base, JsonNode result) {
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case TABLE -> {
                TextTable table = new TextTable(
                        StreamSupport.stream(result.path("columns").spliterator(), false)
                                .map(column -> column.path("name").asString(""))
                                .toList());
                result.path("rows")
                        .forEach(row -> table.row(StreamSupport.stream(row.spliterator(), false)
                                .map(QueryCommand::cell)
                                .toList()));
                out.print(table);
                out.println("(" + result.path("rows").size() + " rows"
                        + (result.path("truncated").asBoolean(false) ? ", and there are more" : "") + ")");
            }
            case CSV, JSON -> {
                String name = format == Format.CSV ? "csv" : "json";
                out.print(client.text(
                        base + "/v1/queries/" + result.path("id").asString("") + "/results?format=" + name));
            }
        }
        out.flush();
    }

    private static String cell(JsonNode value) {
        if (value.isNull()) {
            return "";
        }
        return value.isString() ? value.asString() : value.toString();
    }

    private static String withoutSlash(String text) {
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }
}
