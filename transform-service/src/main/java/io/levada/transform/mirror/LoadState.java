package io.levada.transform.mirror;

import io.levada.events.TableProperties;
import io.levada.transform.TransformError;
import io.levada.transform.TransformException;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Whether a raw table holds enough for its mirror, by its properties.
public sealed interface LoadState {
    /// The source table has no key, so there is no mirror of it.
    record NoKey() implements LoadState {}

    /// @param reason what is missing
    record NotReady(String reason) implements LoadState {}

    /// @param key names of the key columns
    /// @param generation the newest complete load
    /// @param pos the position that its first rows stand at
    /// @param lastPos the position that its last rows stand at: another one where the load was resumed
    record Ready(List<String> key, int generation, String pos, String lastPos) implements LoadState {
        public Ready {
            key = List.copyOf(key);
        }

        /// Changes where the same rows give another mirror.
        public String fingerprint() {
            return "mirror-2 generation=" + generation + " pos=" + pos + " last=" + lastPos + " key=" + key;
        }
    }

    /// @param table for messages
    /// @param properties of the raw table
    /// @throws TransformException `INPUT_INVALID`
    static LoadState of(String table, Map<String, String> properties) {
        String key = properties.get(TableProperties.KEY);
        List<String> columns = key == null ? List.of() : columns(table, key);
        if (columns.isEmpty()) {
            return new NoKey();
        }
        String generation = properties.get(TableProperties.LOAD_GENERATION);
        if (generation == null) {
            return new NotReady("The initial load of " + table + " is not complete");
        }
        String pos = properties.get(TableProperties.LOAD_POS);
        if (pos == null) {
            throw new TransformException(
                    TransformError.INPUT_INVALID,
                    table + " has load generation " + generation + " but no " + TableProperties.LOAD_POS);
        }
        String completeAt = properties.get(TableProperties.LOAD_COMPLETE_AT);
        if (completeAt != null && nextOffset(properties) < Long.parseLong(completeAt)) {
            return new NotReady("The changes of %s are landed up to offset %d; its load is complete at %s"
                    .formatted(table, nextOffset(properties), completeAt));
        }
        return new Ready(
                columns,
                Integer.parseInt(generation),
                pos,
                properties.getOrDefault(TableProperties.LOAD_LAST_POS, pos));
    }

    private static long nextOffset(Map<String, String> properties) {
        return properties.entrySet().stream()
                .filter(property -> property.getKey().startsWith(TableProperties.OFFSETS))
                .mapToLong(property -> Long.parseLong(property.getValue()))
                .max()
                .orElse(0);
    }

    private static List<String> columns(String table, String key) {
        try {
            return JsonMapper.shared().readValue(key, new TypeReference<List<String>>() {});
        } catch (JacksonException e) {
            throw new TransformException(
                    TransformError.INPUT_INVALID,
                    table + " has " + TableProperties.KEY + " = " + key + ", which is no JSON array of names",
                    e);
        }
    }
}
