package io.levada.local;

import io.levada.events.TableProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Which entries of `raw.quarantine` still want somebody, as a condition in SQL.
///
/// An entry is done with once an operator has settled it, or once its table was loaded again after it, or its file
/// replayed: the row was read as it is now, and put aside anew where it still does not fit. An entry of a database
/// carries the `_pos` that its change would have had, and a load that of its rows.
final class OpenQuarantine {
    /// Condition in SQL: the entry is a file as a whole, of which no record is named.
    static final String WHOLE_FILE = "file IS NOT NULL AND line IS NULL";

    private static final String QUARANTINE = "raw.quarantine";
    /// Epoch and sequence; other positions are not comparable with a load's.
    private static final String DATABASE_POSITION = "position SIMILAR TO '[0-9]{4,}-[0-9]{20}'";

    /// What a file brought to quarantine is done with once a row of this code names the file's number, with which the
    /// positions of its records begin.
    private static final String NOT_REPLAYED = "code <> 'FILES-REPLAYED' AND (table_name, left(position, 25)) NOT IN"
            + " (SELECT (table_name, left(position, 25)) FROM raw.quarantine WHERE code = 'FILES-REPLAYED')";

    private final JsonNode tables;

    /// @param status query-service's status
    OpenQuarantine(JsonNode status) {
        this.tables = status.path("catalog").path("status").path("tables");
    }

    /// Whether anything was ever put aside.
    boolean exists() {
        return table(QUARANTINE).isPresent();
    }

    /// Rows of the table, those that are done with among them.
    long rows() {
        return table(QUARANTINE).map(table -> table.path("rows").asLong(0)).orElse(0L);
    }

    /// @param named the raw table that alone is meant, or null for all
    String condition(@Nullable String named) {
        List<String> conditions = new ArrayList<>();
        conditions.add(NOT_REPLAYED);
        if (named != null) {
            conditions.add("table_name = " + literal(named));
        }
        table(QUARANTINE)
                .ifPresent(quarantine -> quarantine.path("properties").properties().stream()
                        .filter(property -> property.getKey().startsWith(TableProperties.SETTLED))
                        .forEach(property -> conditions.add("NOT (table_name = %s AND _ingested_at <= TIMESTAMPTZ %s)"
                                .formatted(
                                        literal(property.getKey().substring(TableProperties.SETTLED.length())),
                                        literal(property.getValue().asString(""))))));
        for (JsonNode table : tables) {
            String loadPos =
                    table.path("properties").path(TableProperties.LOAD_POS).asString("");
            if (!loadPos.isEmpty()) {
                conditions.add("NOT (table_name = %s AND %s AND position < %s)"
                        .formatted(literal(table.path("name").asString("")), DATABASE_POSITION, literal(loadPos)));
            }
        }
        return String.join(" AND ", conditions);
    }

    private Optional<JsonNode> table(String name) {
        for (JsonNode table : tables) {
            if (table.path("name").asString("").equals(name)) {
                return Optional.of(table);
            }
        }
        return Optional.empty();
    }

    private static String literal(@Nullable String text) {
        return "'" + (text == null ? "" : text.replace("'", "''")) + "'";
    }
}
