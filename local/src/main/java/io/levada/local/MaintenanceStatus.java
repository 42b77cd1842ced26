package io.levada.local;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// What maintenance did to each table last, as `levada status` shows it after all else.
///
/// @param state the answer of `GET /v1/maintenance`; missing where catalog-service was not asked
/// @param unknown why it is not known; empty where it is
/// @param now from which ages are counted
record MaintenanceStatus(JsonNode state, String unknown, Instant now) {
    /// Asks catalog-service where query-service knows it. That it does not answer is an outcome.
    ///
    /// @param status query-service's status
    static MaintenanceStatus ask(ServiceClient client, JsonNode status, Instant now) {
        String url = status.path("catalog").path("url").asString("");
        JsonNode nothing = status.path("no such key");
        if (url.isEmpty() || !status.path("catalog").path("reachable").asBoolean(false)) {
            return new MaintenanceStatus(nothing, "", now);
        }
        try {
            return new MaintenanceStatus(client.get((url.endsWith("/") ? url : url + "/") + "v1/maintenance"), "", now);
        } catch (LocalException e) {
            return new MaintenanceStatus(nothing, String.valueOf(e.getMessage()), now);
        }
    }

    @Override
    public String toString() {
        if (!unknown.isEmpty()) {
            return "Maintenance\nIt is not known what was done: " + unknown + "\n\n";
        }
        TextTable shown =
                TextTable.plain("TABLE", "MAINTAINED", "TOOK", "FILES", "REWRITTEN", "EXPIRED", "DELETED", "PROBLEM");
        List<String> steps = new ArrayList<>();
        for (JsonNode table : state.path("tables")) {
            List<JsonNode> problems = elements(table.path("problems"));
            shown.row(
                    table.path("table").asString(""),
                    StatusText.age(table, "finishedAt", now),
                    String.format(
                            Locale.ROOT, "%,.1f s", table.path("elapsedMillis").asLong(0) / 1e3),
                    count(table, "filesAfter"),
                    count(table, "filesRewritten"),
                    count(table, "snapshotsExpired"),
                    count(table, "orphansDeleted"),
                    problems.isEmpty() ? "-" : problems.getFirst().path("code").asString(""));
            steps.addAll(steps(table.path("table").asString(""), problems));
        }
        steps.addAll(
                steps("files that nothing names", elements(state.path("orphans").path("problems"))));
        String doing = MaintenanceText.doing(state);
        return (shown.isEmpty() && doing.isEmpty() && steps.isEmpty() ? "" : "Maintenance\n")
                + (shown.isEmpty() ? "" : shown.toString())
                + (doing.isEmpty() ? "" : "Now: " + doing + "\n")
                + (steps.isEmpty() ? "" : String.join("\n", steps) + "\n");
    }

    private static List<String> steps(String subject, List<JsonNode> problems) {
        return problems.stream()
                .map(problem -> "%s: %s: %s\n    Next step: %s"
                        .formatted(
                                subject,
                                problem.path("code").asString(""),
                                problem.path("detail").asString(""),
                                problem.path("nextStep").asString("")))
                .toList();
    }

    private static String count(JsonNode table, String key) {
        return String.format(Locale.ROOT, "%,d", table.path(key).asLong(0));
    }

    private static List<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
