package io.levada.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// The snapshots of a table, as the terminal shows them.
///
/// @param table the answer of `GET /v1/tables/{table}`
record HistoryText(JsonNode table) {
    private static final String NONE = "-";

    /// What there is no room for is counted.
    private static final int MOST_NAMED = 3;

    @Override
    public String toString() {
        TextTable shown =
                TextTable.plain("SNAPSHOT", "COMMITTED", "CAUSE", "ROWS", "ADDED", "REMOVED", "REFS", "MADE OF");
        String last = "";
        for (JsonNode snapshot : table.path("snapshots")) {
            last = snapshot.path("snapshotId").asString("");
            shown.row(
                    last,
                    snapshot.path("committedAt").asString(""),
                    snapshot.hasNonNull("cause") ? snapshot.path("cause").asString(NONE) : NONE,
                    snapshot.hasNonNull("rows") ? count(snapshot.path("rows").asLong()) : NONE,
                    count(snapshot.path("rowsAdded").asLong(0)),
                    count(snapshot.path("rowsRemoved").asLong(0)),
                    joined(texts(snapshot.path("refs"))),
                    joined(madeOf(snapshot.path("madeOf"))));
        }
        if (shown.isEmpty()) {
            return "It has no snapshot." + System.lineSeparator();
        }
        return shown
                + (table.path("moreSnapshots").asBoolean(false)
                        ? "There are older ones: --before " + last + System.lineSeparator()
                        : "");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asString("")));
        return texts;
    }

    private static List<String> madeOf(JsonNode inputs) {
        List<String> texts = new ArrayList<>();
        for (JsonNode input : inputs.path("tables")) {
            texts.add(input.path("table").asString("") + "@" + input.path("to").asString(""));
        }
        for (JsonNode range : inputs.path("ranges")) {
            texts.add("%s [%d, %d)"
                    .formatted(
                            range.path("topic").asString(""),
                            range.path("start").asLong(0),
                            range.path("end").asLong(0)));
        }
        for (JsonNode load : inputs.path("chunks")) {
            texts.add("chunks %d to %d of %d of load %d"
                    .formatted(
                            load.path("first").asLong(0),
                            load.path("last").asLong(0),
                            load.path("chunks").asLong(0),
                            load.path("generation").asLong(0)));
        }
        for (JsonNode file : inputs.path("files")) {
            texts.add(file.path("path").asString(""));
        }
        long unnamed = inputs.path("unnamed").asLong(0);
        if (unnamed > 0) {
            texts.add(count(unnamed) + " more");
        }
        return texts;
    }

    private static String joined(List<String> texts) {
        if (texts.isEmpty()) {
            return NONE;
        }
        return texts.size() <= MOST_NAMED
                ? String.join(", ", texts)
                : String.join(", ", texts.subList(0, MOST_NAMED)) + " and " + (texts.size() - MOST_NAMED) + " others";
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
