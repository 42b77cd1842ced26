package io.levada.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What the services of one pipeline said of themselves at one moment.
///
/// @param ingest body of ingest-service's `GET /v1/status`; the others alike
record PipelineStatus(JsonNode ingest, JsonNode catalog, JsonNode transform, JsonNode warehouse) {
    /// Asks the services one after the other, in the direction of the flow: what a later one says can only be newer.
    static PipelineStatus ask(ServiceClient client, LocalPorts ports) {
        return new PipelineStatus(
                client.get(ports.url(LevadaService.INGEST) + "/v1/status"),
                client.get(ports.url(LevadaService.CATALOG) + "/v1/status"),
                client.get(ports.url(LevadaService.TRANSFORM) + "/v1/status"),
                client.get(ports.url(LevadaService.WAREHOUSE) + "/v1/status"));
    }

    /// Whether all that was in the sources at start has been captured.
    boolean inputEnded() {
        return ingest.path("endOfInput").path("reached").asBoolean(false);
    }

    /// Whether the tables hold all that was in the sources at start.
    boolean inputCommitted() {
        if (!inputEnded()) {
            return false;
        }
        Map<String, JsonNode> committed = elements(catalog.path("tables")).stream()
                .collect(Collectors.toMap(table -> table.path("name").asString(""), table -> table.path("properties")));
        return ingest.path("endOfInput").path("tables").properties().stream()
                .allMatch(table -> holds(committed.get(table.getKey()), table.getValue()));
    }

    private static boolean holds(@Nullable JsonNode properties, JsonNode leastValues) {
        return leastValues.properties().stream()
                .allMatch(least -> properties != null
                        && properties.path(least.getKey()).asLong(-1)
                                >= least.getValue().asLong());
    }

    /// A table's property is a text, and -1 where it is not set.
    private static long number(JsonNode value) {
        return value.isString() ? Long.parseLong(value.asString()) : value.asLong(-1);
    }

    /// Whether a table of a database is still being read for the first time.
    boolean loading() {
        List<JsonNode> sources = elements(ingest.path("sources"));
        return sources.isEmpty()
                || sources.stream()
                        .flatMap(source -> elements(source.path("tables")).stream())
                        .anyMatch(table -> !state(table).equals("LOADED"));
    }

    boolean curated() {
        return transform.path("settled").asBoolean(false);
    }

    boolean loaded() {
        return warehouse.path("settled").asBoolean(false);
    }

    /// Sources and tables that can not go on by themselves.
    List<String> stops() {
        List<String> stops = new ArrayList<>();
        for (JsonNode source : elements(ingest.path("sources"))) {
            String state = state(source);
            if (List.of("STOPPED", "PAUSED", "FAILED").contains(state)) {
                stops.add("source " + name(source) + ": " + said(source));
            }
            for (JsonNode table : elements(source.path("tables"))) {
                if (state(table).equals("FAILED")) {
                    stops.add("table " + table.path("table").asString("") + " of source " + name(source) + ": "
                            + said(table));
                }
            }
        }
        for (JsonNode parked : elements(catalog.path("parked"))) {
            stops.add("table " + parked.path("table").asString("") + " is parked: " + said(parked));
        }
        return stops;
    }

    /// Sources that are tried again and again.
    List<String> retries() {
        List<String> retries = new ArrayList<>();
        elements(ingest.path("sources")).stream()
                .filter(source -> state(source).equals("RETRYING"))
                .forEach(source -> retries.add("source " + name(source) + ": " + said(source)));
        Stream.of("trouble", "landingTrouble")
                .filter(ingest::hasNonNull)
                .forEach(trouble ->
                        retries.add("ingest-service: " + ingest.path(trouble).asString("")));
        return retries;
    }

    /// Derived tables and loads that failed at the inputs they have now.
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        for (JsonNode table : elements(transform.path("tables"))) {
            if (state(table).equals("FAILED")) {
                failures.add("table " + name(table) + ": " + said(table.path("error")));
            }
        }
        for (JsonNode load : elements(warehouse.path("loads"))) {
            if (state(load).equals("FAILED")) {
                failures.add("load of " + load.path("target").asString("") + ": " + said(load.path("error")));
            }
        }
        return failures;
    }

    /// Rows of the lake's tables by name.
    SortedMap<String, Long> tableRows() {
        SortedMap<String, Long> rows = new TreeMap<>();
        elements(catalog.path("tables"))
                .forEach(table -> rows.put(name(table), table.path("rows").asLong(0)));
        return rows;
    }

    /// Rows of the warehouse's tables by name.
    SortedMap<String, Long> warehouseRows() {
        SortedMap<String, Long> rows = new TreeMap<>();
        elements(warehouse.path("loads"))
                .forEach(load -> rows.put(
                        load.path("target").asString(""), load.path("rows").asLong(0)));
        return rows;
    }

    /// One line for the console.
    String line() {
        List<String> parts = new ArrayList<>();
        for (JsonNode source : elements(ingest.path("sources"))) {
            parts.add(sourceLine(source));
        }
        long tables = tableRows().size();
        long rows = tableRows().values().stream().mapToLong(Long::longValue).sum();
        parts.add("lake: %s tables, %s rows".formatted(number(tables), number(rows)));
        long derived = elements(transform.path("tables")).stream()
                .filter(table -> state(table).equals("UP_TO_DATE"))
                .count();
        parts.add("derived: %d of %d up to date"
                .formatted(derived, elements(transform.path("tables")).size()));
        long current = elements(warehouse.path("loads")).stream()
                .filter(load -> load.hasNonNull("snapshotId"))
                .count();
        parts.add("warehouse: %d of %d loaded"
                .formatted(current, elements(warehouse.path("loads")).size()));
        return String.join(" | ", parts);
    }

    private static String sourceLine(JsonNode source) {
        List<JsonNode> tables = elements(source.path("tables"));
        long loading =
                tables.stream().filter(table -> state(table).equals("LOADING")).count();
        long loadedRows = tables.stream()
                .mapToLong(table -> table.path("rowsLoaded").asLong(0))
                .sum();
        StringBuilder line = new StringBuilder(name(source))
                .append(": ")
                .append(state(source).toLowerCase(Locale.ROOT));
        if (loading > 0 || loadedRows > 0) {
            line.append(", ").append(number(loadedRows)).append(" rows loaded");
        }
        tables.stream()
                .filter(table -> table.hasNonNull("shareLoaded"))
                .findFirst()
                .ifPresent(table -> line.append(loading(table)));
        if (source.path("changes").asLong(0) > 0) {
            line.append(", ").append(number(source.path("changes").asLong(0))).append(" changes");
        }
        Optional.of(said(source))
                .filter(said -> !said.isEmpty())
                .ifPresent(said -> line.append(" (").append(said).append(')'));
        return line.toString();
    }

    private static String loading(JsonNode table) {
        String left = table.hasNonNull("secondsLeft")
                ? ", " + table.path("secondsLeft").asLong(0) + " s left"
                : "";
        return " (%s %d %%, %s MB%s)"
                .formatted(
                        table.path("table").asString(""),
                        Math.round(100 * table.path("shareLoaded").asDouble(0)),
                        number(table.path("bytesLoaded").asLong(0) >> 20),
                        left);
    }

    /// What a service says went wrong: code, words, next step.
    private static String said(JsonNode node) {
        return Stream.of("code", "message", "reason", "detail", "nextStep")
                .filter(node::hasNonNull)
                .map(key -> node.path(key).asString(""))
                .filter(text -> !text.isBlank())
                .collect(Collectors.joining(": "));
    }

    private static String name(JsonNode node) {
        return node.path("name").asString("");
    }

    private static String state(JsonNode node) {
        return node.path("state").asString("");
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static List<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
