package io.levada.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What catalog-service says of maintenance, as the terminal shows it.
final class MaintenanceText {
    /// What is left alone, or waits for its turn, is no failure.
    private static final Set<String> LEFT_ALONE = Set.of("REWRITE_UNSUPPORTED", "RETENTION_WAITS");

    private final JsonNode state;
    private final @Nullable String only;

    /// @param state the answer of `GET /v1/maintenance`
    /// @param only the table to show, or null for all
    MaintenanceText(JsonNode state, @Nullable String only) {
        this.state = state;
        this.only = only;
    }

    /// What is done now, in a line; empty where that is nothing.
    static String doing(JsonNode state) {
        String step = state.path("step").asString("");
        if (!state.path("state").asString("").equals("RUNNING") || step.isEmpty()) {
            return "";
        }
        return state.hasNonNull("table")
                ? state.path("table").asString("") + ": " + step
                : "files that nothing names; where there are some, producers get two minutes to name them";
    }

    boolean failed() {
        return problems().stream().anyMatch(problem -> !LEFT_ALONE.contains(code(problem)));
    }

    private List<JsonNode> tables() {
        return elements(state.path("tables")).stream()
                .filter(table -> only == null || only.equals(table.path("table").asString("")))
                .toList();
    }

    private List<JsonNode> problems() {
        List<JsonNode> problems = new ArrayList<>();
        tables().forEach(table -> problems.addAll(elements(table.path("problems"))));
        problems.addAll(elements(state.path("orphans").path("problems")));
        return problems;
    }

    private static List<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static String code(JsonNode problem) {
        return problem.path("code").asString("");
    }

    private static String count(JsonNode node, String name) {
        return String.format(Locale.ROOT, "%,d", node.path(name).asLong(0));
    }

    private static String change(JsonNode table, String before, String after) {
        String was = count(table, before);
        String is = count(table, after);
        return was.equals(is) ? is : was + " -> " + is;
    }

    @Override
    public String toString() {
        TextTable shown = TextTable.plain("TABLE", "FILES", "BYTES", "REWRITTEN", "ROWS OUT", "EXPIRED", "DELETED");
        for (JsonNode table : tables()) {
            shown.row(
                    table.path("table").asString(""),
                    change(table, "filesBefore", "filesAfter"),
                    change(table, "bytesBefore", "bytesAfter"),
                    count(table, "filesRewritten"),
                    count(table, "rowsRemoved"),
                    count(table, "snapshotsExpired"),
                    count(table, "orphansDeleted"));
        }
        StringBuilder text = new StringBuilder();
        text.append(shown.isEmpty() ? "There are no tables." + System.lineSeparator() : shown.toString());
        JsonNode orphans = state.path("orphans");
        long others = orphans.path("manifestsDeleted").asLong(0)
                + orphans.path("purgedFiles").asLong(0);
        if (others > 0) {
            text.append("Of dropped tables ")
                    .append(count(orphans, "purgedFiles"))
                    .append(" files were deleted, and ")
                    .append(count(orphans, "manifestsDeleted"))
                    .append(" manifests of runs without files.")
                    .append(System.lineSeparator());
        }
        for (JsonNode problem : problems()) {
            text.append(code(problem))
                    .append(' ')
                    .append(problem.path("detail").asString(""))
                    .append(System.lineSeparator())
                    .append("Next: ")
                    .append(problem.path("nextStep").asString(""))
                    .append('.')
                    .append(System.lineSeparator());
        }
        return text.toString();
    }
}
