package io.levada.local;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What catalog-service says of an erasure, as the terminal shows it: what was removed from where, and when the last
/// copy goes.
final class ErasureText {
    private static final String STILL_THERE =
            "The source had not deleted the row, as far as the lake knows: delete it there, or its next change, a load"
                    + " or a file brings it back.";

    private final JsonNode erasure;
    private final List<JsonNode> loads;

    /// @param status the answer of `GET /v1/erasures/{id}`
    /// @param loads of the warehouse, from tables which had the rows
    ErasureText(JsonNode status, List<JsonNode> loads) {
        this.erasure = status.path("erasure");
        this.loads = List.copyOf(loads);
    }

    /// What an order would take out, in lines.
    static String preview(JsonNode answer) {
        return lines(
                "%s rows of %s would go, which had %s keys in their lives."
                        .formatted(
                                number(answer.path("rows")),
                                answer.path("table").asString(""),
                                number(answer.path("keys"))),
                answer.path("rows").asLong(0) > 0 && answer.path("alive").asBoolean(false) ? STILL_THERE : "");
    }

    /// What comes first, in a line; empty where nothing does.
    static String waiting(JsonNode status) {
        JsonNode problem = status.path("problem");
        if (problem.hasNonNull("code")) {
            return problem.path("code").asString("") + ": "
                    + problem.path("detail").asString("") + ". "
                    + problem.path("nextStep").asString("");
        }
        String waiting = status.path("waitingFor").asString("");
        return waiting.isEmpty() ? "" : "Waiting for " + waiting;
    }

    @Override
    public String toString() {
        String raw = erasure.path("order").path("table").asString("");
        JsonNode places = erasure.path("places");
        if (places.isEmpty()) {
            return lines("No row of " + raw + " has this key.") + notes();
        }
        TextTable tables = TextTable.plain("TABLE", "ROWS REMOVED", "FILES REWRITTEN", "SNAPSHOTS GONE", "FILES TO GO");
        places.properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(place -> tables.row(
                        place.getKey(),
                        place.getValue().path("rows").asLong(0) > 0
                                ? number(place.getValue().path("rows"))
                                : "computed anew",
                        number(place.getValue().path("rewritten")),
                        number(place.getValue().path("snapshots")),
                        number(place.getValue().path("files"))));
        StringBuilder text = new StringBuilder(tables.toString());
        erasure.path("topics").properties().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(topic -> text.append(lines("Kafka gives no record of %s before offset %s any more."
                        .formatted(topic.getKey(), number(topic.getValue())))));
        for (JsonNode load : loads) {
            boolean anew = EraseCommand.isAnew(
                    load, Instant.parse(erasure.path("order").path("at").asString("")));
            text.append(lines(load.path("target").asString("")
                    + (anew
                            ? " of the warehouse is loaded anew."
                            : " of the warehouse is not loaded anew yet; ./levada status shows why.")));
        }
        text.append(lines("No table and no snapshot has the rows any more."));
        if (erasure.hasNonNull("filesGoAt")) {
            text.append(lines("The last copy, in files for queries that began before, is deleted at "
                    + Instant.parse(erasure.path("filesGoAt").asString("")).truncatedTo(ChronoUnit.SECONDS)
                    + "; Kafka deletes the bytes of its records by a few minutes after that."));
        }
        if (erasure.path("found").path("alive").asBoolean(false)) {
            text.append(lines(STILL_THERE));
        }
        erasure.path("segments")
                .path("refused")
                .forEach(topic -> text.append(lines("The bytes of records of " + topic.asString("")
                        + " stay on Kafka's disks: it does not let Levada end the file that they are in.")));
        return text + notes();
    }

    private String notes() {
        StringBuilder text = new StringBuilder();
        erasure.path("order").path("notes").forEach(note -> text.append(lines(note.asString(""))));
        return text.toString();
    }

    private static String number(JsonNode number) {
        return String.format(Locale.ROOT, "%,d", number.asLong(0));
    }

    private static String lines(String... lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            if (!line.isEmpty()) {
                text.append(line).append(System.lineSeparator());
            }
        }
        return text.toString();
    }
}
