package io.levada.local;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// query-service's status, which holds each service's own under its name, laid out for people: sources, tables, loads,
/// quarantine, and at the end what stands still, with code and next step.
final class StatusText {
    private static final String NONE = "-";

    private final JsonNode status;
    private final JsonNode ingest;
    private final JsonNode catalog;
    private final JsonNode transform;
    private final JsonNode warehouse;
    private final QuarantineText quarantine;
    private final Instant now;

    /// @param open what of quarantine still wants somebody
    /// @param now from which ages are counted
    StatusText(JsonNode status, OpenEntries open, Instant now) {
        this.status = status;
        this.ingest = status.path("ingest").path("status");
        this.catalog = status.path("catalog").path("status");
        this.transform = status.path("transform").path("status");
        this.warehouse = status.path("warehouse").path("status");
        this.quarantine = new QuarantineText(open, new OpenQuarantine(status).rows());
        this.now = now;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        section(text, "Sources", sources());
        section(text, "Tables", tables());
        section(text, "Loads", loads());
        text.append(quarantine);
        lines(text, "Waiting", waiting());
        lines(text, "Problems", problems());
        lines(
                text,
                "Lost log",
                elements(ingest.path("sources")).stream()
                        .flatMap(source -> elements(source.path("gaps")).stream()
                                .map(gap -> text(source, "name") + ": " + gap.asString("")))
                        .toList());
        return text.toString();
    }

    private static void section(StringBuilder text, String title, TextTable table) {
        if (!table.isEmpty()) {
            text.append(title).append('\n').append(table).append('\n');
        }
    }

    private static void lines(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(title).append('\n').append(String.join("\n", lines)).append("\n\n");
        }
    }

    private TextTable sources() {
        TextTable table =
                TextTable.plain("NAME", "TYPE", "STATE", "LAG", "LOG KEPT", "COMMITTED", "CHANGES", "QUARANTINED");
        for (JsonNode source : elements(ingest.path("sources"))) {
            if (isFolder(source)) {
                long behind = Math.max(
                        0,
                        source.path("arrived").asLong(0) - source.path("landed").asLong(0));
                table.row(
                        text(source, "name"),
                        "files",
                        text(source, "state"),
                        counted(behind, "file"),
                        NONE,
                        NONE,
                        counted(source.path("landed").asLong(0), "file"),
                        quarantined(source));
            } else {
                table.row(
                        text(source, "name"),
                        text(source, "type"),
                        text(source, "state"),
                        source.hasNonNull("lagBytes")
                                ? bytes(source.path("lagBytes").asLong())
                                : NONE,
                        source.hasNonNull("retainedBytes")
                                ? bytes(source.path("retainedBytes").asLong())
                                : NONE,
                        age(source, "commitTime"),
                        number(source.path("changes").asLong(0)),
                        quarantined(source));
            }
        }
        return table;
    }

    private String quarantined(JsonNode source) {
        return quarantine.cell(
                text(source, "name"),
                isFolder(source),
                source.path("quarantinedRows").asLong(0),
                source.path("quarantinedFiles").asLong(0));
    }

    /// Databases say their type; folders say none.
    private static boolean isFolder(JsonNode source) {
        return !source.hasNonNull("type");
    }

    private TextTable tables() {
        Map<String, JsonNode> committed = byName(catalog.path("tables"), "name");
        Map<String, JsonNode> derived = byName(transform.path("tables"), "name");
        Map<String, JsonNode> read = new TreeMap<>();
        elements(ingest.path("sources")).forEach(source -> read.putAll(byName(source.path("tables"), "table")));
        Set<String> parked =
                new TreeSet<>(byName(catalog.path("parked"), "table").keySet());
        Set<String> names = new TreeSet<>(committed.keySet());
        names.addAll(derived.keySet());
        names.addAll(read.keySet());
        names.addAll(parked);
        TextTable table = TextTable.plain("NAME", "STATE", "ROWS", "SIZE", "COMMITTED", "COMPLETE TO");
        for (String name : names) {
            JsonNode node = committed.get(name);
            table.row(
                    name,
                    parked.contains(name)
                            ? "PARKED"
                            : state(derived.get(name))
                                    .or(() -> state(read.get(name)))
                                    .orElse(NONE),
                    node == null ? NONE : number(node.path("rows").asLong(0)),
                    node == null ? NONE : bytes(node.path("bytes").asLong(0)),
                    node == null ? NONE : age(node, "committedAt"),
                    node == null ? NONE : completeTo(node.path("completeTo")));
        }
        return table;
    }

    private static Optional<String> state(@Nullable JsonNode table) {
        return table == null ? Optional.empty() : Optional.of(text(table, "state"));
    }

    private static Map<String, JsonNode> byName(JsonNode array, String key) {
        Map<String, JsonNode> named = new TreeMap<>();
        elements(array).forEach(node -> named.put(text(node, key), node));
        return named;
    }

    /// Each source with its position, and how long ago the newest transaction up to there was committed.
    private String completeTo(JsonNode positions) {
        String all = positions.properties().stream()
                .map(source -> {
                    String age = age(source.getValue(), "commitTime");
                    return source.getKey() + " " + text(source.getValue(), "position")
                            + (age.equals(NONE) ? "" : " (" + age + ")");
                })
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? NONE : all;
    }

    private TextTable loads() {
        TextTable table = TextTable.plain("TARGET", "FROM", "STATE", "ROWS", "LOADED");
        for (JsonNode load : elements(warehouse.path("loads"))) {
            table.row(
                    text(load, "target"),
                    text(load, "from"),
                    text(load, "state"),
                    load.hasNonNull("rows") ? number(load.path("rows").asLong()) : NONE,
                    age(load, "loadedAt"));
        }
        return table;
    }

    private List<String> waiting() {
        List<String> waiting = new ArrayList<>();
        if (ingest.hasNonNull("definitionChange")) {
            waiting.add(text(ingest, "definitionChange"));
        }
        elements(transform.path("tables")).stream()
                .filter(table -> table.hasNonNull("waitingFor"))
                .forEach(table -> waiting.add(text(table, "name") + ": " + text(table, "waitingFor")));
        elements(ingest.path("sources")).stream()
                .flatMap(source -> elements(source.path("tables")).stream())
                .filter(table -> text(table, "state").equals("WAITING") && table.hasNonNull("message"))
                .forEach(table -> waiting.add(text(table, "table") + ": " + text(table, "message")));
        return waiting;
    }

    private List<String> problems() {
        Set<String> problems = new LinkedHashSet<>();
        status.properties().stream()
                .filter(service -> !service.getValue().path("reachable").asBoolean(false))
                .forEach(service -> problems.add(
                        service.getKey() + "-service does not answer: " + text(service.getValue(), "error")));
        for (String trouble : List.of("trouble", "landingTrouble")) {
            if (ingest.hasNonNull(trouble)) {
                problems.add("ingest-service: " + text(ingest, trouble));
            }
        }
        for (JsonNode source : elements(ingest.path("sources"))) {
            problem(problems, "source " + text(source, "name"), isFolder(source) ? source.path("lastError") : source);
            elements(source.path("alarms"))
                    .forEach(alarm -> problem(problems, "source " + text(source, "name"), alarm));
            elements(source.path("tables")).forEach(table -> problem(problems, "table " + text(table, "table"), table));
        }
        elements(catalog.path("parked"))
                .forEach(table -> problem(problems, "table " + text(table, "table") + " is parked", table));
        elements(transform.path("tables"))
                .forEach(table -> problem(problems, "table " + text(table, "name"), table.path("error")));
        elements(warehouse.path("loads"))
                .forEach(load -> problem(problems, "load of " + text(load, "target"), load.path("error")));
        return List.copyOf(problems);
    }

    /// Nothing where the node has no code.
    private static void problem(Set<String> problems, String subject, JsonNode node) {
        if (!node.hasNonNull("code")) {
            return;
        }
        String words = Stream.of("message", "reason", "detail")
                .filter(node::hasNonNull)
                .map(key -> text(node, key))
                .findFirst()
                .orElse("");
        problems.add(subject + ": " + text(node, "code") + (words.isEmpty() ? "" : ": " + words)
                + (node.hasNonNull("nextStep") ? "\n    Next step: " + text(node, "nextStep") : ""));
    }

    private static List<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static String text(JsonNode node, String key) {
        return Objects.requireNonNull(node.path(key).asString(""));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String counted(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    private static String bytes(long value) {
        double scaled = value;
        for (String unit : List.of("B", "KiB", "MiB", "GiB")) {
            if (scaled < 1024) {
                return unit.equals("B") ? value + " B" : String.format(Locale.ROOT, "%.1f %s", scaled, unit);
            }
            scaled /= 1024;
        }
        return String.format(Locale.ROOT, "%.1f TiB", scaled);
    }

    private String age(JsonNode node, String key) {
        return age(node, key, now);
    }

    /// In one unit, as `kubectl` gives ages.
    static String age(JsonNode node, String key, Instant now) {
        if (!node.hasNonNull(key)) {
            return NONE;
        }
        Duration age = Duration.between(Instant.parse(text(node, key)), now);
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s ago";
        }
        if (seconds < 7200) {
            return seconds / 60 + "m ago";
        }
        return seconds < 172_800 ? seconds / 3600 + "h ago" : seconds / 86_400 + "d ago";
    }
}
