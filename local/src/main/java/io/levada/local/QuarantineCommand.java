package io.levada.local;

import java.io.PrintWriter;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `levada quarantine`.
@Command(
        name = "quarantine",
        description = "Rows that could not be taken in: shows them, takes them in again, or settles them.",
        mixinStandardHelpOptions = true)
final class QuarantineCommand implements Runnable {
    private static final int MOST_SHOWN = 200;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "list",
            description = "Shows the rows that still want somebody, the newest first.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--table", paramLabel = "T", description = "Only those meant for this raw table.") @Nullable
                    String table,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "Default: 50.") int limit,
            @Option(names = "--all", description = "Also those that are done with.") boolean all,
            @Mixin PipelineAddress address) {
        try (ServiceClient client = new ServiceClient()) {
            OpenQuarantine open = new OpenQuarantine(address.status(client));
            String condition = all ? named(table) : open.condition(rawName(table));
            List<JsonNode> rows = open.exists()
                    ? address.rows(
                            client,
                            "SELECT table_name, code, reason, coalesce(file || ':' || line, file, position), _ingested_at,"
                                    + " CASE WHEN " + OpenQuarantine.WHOLE_FILE + " THEN NULL ELSE raw END"
                                    + " FROM raw.quarantine WHERE " + condition
                                    + " ORDER BY _ingested_at DESC, position DESC, line DESC LIMIT " + limit)
                    : List.of();
            TextTable shown = new TextTable("table", "code", "reason", "where", "when", "row");
            rows.forEach(row -> shown.row(
                    row.path(0).asString(""),
                    row.path(1).asString(""),
                    QuarantinedCells.reason(row.path(2).asString("")),
                    QuarantinedCells.place(row.path(3).asString("")),
                    QuarantinedCells.time(row.path(4).asString("")),
                    QuarantinedCells.row(Base64.getDecoder().decode(row.path(5).asString("")))));
            PrintWriter out = spec.commandLine().getOut();
            String lines = shown.toString();
            out.print(lines);
            if (lines.contains(QuarantinedCells.MORE)) {
                out.println("What is cut is whole in raw.quarantine: ./levada query \"SELECT file, position, reason,"
                        + " raw FROM raw.quarantine\"");
            }
            out.println("(" + rows.size() + (rows.size() == 1 ? " row" : " rows")
                    + (rows.size() == limit ? ", there may be more: --limit N)" : ")"));
            out.flush();
        }
        return 0;
    }

    @Command(
            name = "replay",
            description =
                    "Takes rows in again: of databases by a new load of their table, of files the quarantined records.",
            mixinStandardHelpOptions = true)
    int replay(
            @Option(names = "--table", paramLabel = "T", description = "Only those meant for this raw table.") @Nullable
                    String table,
            @Mixin PipelineAddress address) {
        try (ServiceClient client = new ServiceClient()) {
            JsonNode status = address.status(client);
            List<String> tables = openTables(client, address, new OpenQuarantine(status), rawName(table));
            List<String> strangers = new ArrayList<>();
            for (String name : tables) {
                Optional<String> source = database(status, name);
                Optional<String> folder = folder(status, name);
                if (folder.isPresent()) {
                    JsonNode answer = address.post(
                            client,
                            "/v1/sources/" + folder.get() + "/quarantine/replay",
                            JsonMapper.shared().createObjectNode());
                    say(answer.path("message").asString(""));
                } else if (source.isPresent()) {
                    JsonNode answer = address.post(
                            client,
                            "/v1/sources/" + source.get() + "/tables/" + name + "/reload",
                            JsonMapper.shared().createObjectNode());
                    say(name + ": " + answer.path("message").asString(""));
                } else {
                    strangers.add(name);
                }
            }
            if (!strangers.isEmpty()) {
                throw new LocalException(
                        LocalError.ORDER_REFUSED,
                        "No source of the definition fills " + String.join(", ", strangers),
                        "Take the source into levada.yaml again, or settle the rows:"
                                + " ./levada quarantine drop --table " + strangers.getFirst() + " --yes");
            }
            if (tables.isEmpty()) {
                say("Nothing is to be replayed");
            }
        }
        return 0;
    }

    @Command(
            name = "drop",
            description = "Settles the rows of a table: they stay in raw.quarantine, and are not listed any more.",
            mixinStandardHelpOptions = true)
    int drop(
            @Option(
                            names = "--table",
                            required = true,
                            paramLabel = "T",
                            description = "The raw table that the rows were meant for.")
                    String table,
            @Option(names = "--yes", description = "Without it nothing is done.") boolean yes,
            @Mixin PipelineAddress address) {
        String name = Objects.requireNonNull(rawName(table));
        try (ServiceClient client = new ServiceClient()) {
            OpenQuarantine open = new OpenQuarantine(address.status(client));
            List<JsonNode> found = open.exists()
                    ? address.rows(
                            client,
                            "SELECT count(*), max(_ingested_at) FROM raw.quarantine WHERE " + open.condition(name))
                    : List.of();
            long rows = found.isEmpty() ? 0 : found.getFirst().path(0).asLong(0);
            if (rows == 0) {
                say("Nothing of " + name + " is in quarantine");
                return 0;
            }
            if (!yes) {
                throw new LocalException(
                        LocalError.NOT_CONFIRMED,
                        "Nothing was done: " + rows + " rows of " + name + " would be settled",
                        "Look at them with ./levada quarantine list --table " + name + ", then give the command again"
                                + " with --yes");
            }
            address.post(
                    client,
                    "/v1/quarantine/settle",
                    JsonMapper.shared()
                            .createObjectNode()
                            .put("table", name)
                            .put(
                                    "upTo",
                                    OffsetDateTime.parse(
                                                    found.getFirst().path(1).asString(""))
                                            .toInstant()
                                            .toString()));
            say(rows + " rows of " + name + " are settled; --all still lists them");
        }
        return 0;
    }

    private static List<String> openTables(
            ServiceClient client, PipelineAddress address, OpenQuarantine open, @Nullable String table) {
        return open.exists()
                ? address
                        .rows(
                                client,
                                "SELECT DISTINCT table_name FROM raw.quarantine WHERE " + open.condition(table)
                                        + " ORDER BY 1 LIMIT " + MOST_SHOWN)
                        .stream()
                        .map(row -> row.path(0).asString(""))
                        .toList()
                : List.of();
    }

    /// The database source that a raw table belongs to.
    private static Optional<String> database(JsonNode status, String table) {
        for (JsonNode source : status.path("ingest").path("status").path("sources")) {
            for (JsonNode captured : source.path("tables")) {
                if (captured.path("table").asString("").equals(table)) {
                    return Optional.ofNullable(source.path("name").asString(""));
                }
            }
        }
        return Optional.empty();
    }

    /// The source of files that a raw table belongs to.
    private static Optional<String> folder(JsonNode status, String table) {
        for (JsonNode source : status.path("ingest").path("status").path("sources")) {
            if (source.has("folder") && source.path("table").asString("").equals(table)) {
                return Optional.ofNullable(source.path("name").asString(""));
            }
        }
        return Optional.empty();
    }

    private static @Nullable String rawName(@Nullable String table) {
        return table == null || table.startsWith("raw.") ? table : "raw." + table;
    }

    private static String named(@Nullable String table) {
        String name = rawName(table);
        return name == null ? "true" : "table_name = '" + name.replace("'", "''") + "'";
    }

    private void say(String done) {
        spec.commandLine().getOut().println(done);
        spec.commandLine().getOut().flush();
    }
}
