package io.levada.local;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/// What of `raw.quarantine` still wants somebody, counted by source and table.
sealed interface OpenEntries {
    /// As the lake has them now.
    record Counted(List<OfTable> tables) implements OpenEntries {
        public Counted {
            tables = List.copyOf(tables);
        }
    }

    /// @param reason why they could not be counted
    record Unknown(String reason) implements OpenEntries {}

    /// @param table the raw table that the entries were meant for
    /// @param rows entries that are one row each
    /// @param files entries that are a file as a whole
    record OfTable(String source, String table, long rows, long files) {}

    /// A query must not hold up the rest of what is shown.
    Duration LONGEST_WAIT = Duration.ofSeconds(10);

    /// Asks query-service once, and only where anything was ever put aside. That it does not answer is an outcome.
    ///
    /// @param status query-service's status
    static OpenEntries ask(ServiceClient client, PipelineAddress address, JsonNode status) {
        if (!status.path("catalog").path("reachable").asBoolean(false)) {
            return new Unknown("catalog-service does not answer");
        }
        OpenQuarantine open = new OpenQuarantine(status);
        if (!open.exists()) {
            return new Counted(List.of());
        }
        try {
            return new Counted(address
                    .rows(
                            client,
                            "SELECT source, table_name, count(*), count(CASE WHEN " + OpenQuarantine.WHOLE_FILE
                                    + " THEN 1 END) FROM raw.quarantine WHERE " + open.condition(null)
                                    + " GROUP BY source, table_name ORDER BY source, table_name",
                            LONGEST_WAIT)
                    .stream()
                    .map(OpenEntries::ofTable)
                    .toList());
        } catch (LocalException e) {
            return new Unknown(Objects.requireNonNullElse(e.getMessage(), ""));
        }
    }

    private static OfTable ofTable(JsonNode row) {
        long files = row.path(3).asLong(0);
        return new OfTable(
                row.path(0).asString(""), row.path(1).asString(""), row.path(2).asLong(0) - files, files);
    }
}
