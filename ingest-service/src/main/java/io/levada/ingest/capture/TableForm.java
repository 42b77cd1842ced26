package io.levada.ingest.capture;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What can be seen of a table's storage without reading its rows, as the source's positions topic keeps it. It tells
/// that rows have come, gone or changed without an event in the log.
///
/// @param table the table's lake name
/// @param parts by object id: the table itself, or its leaf partitions
public record TableForm(String table, Map<String, Part> parts) {
    public TableForm {
        parts = Map.copyOf(parts);
    }

    /// @param storage number of the file that holds the rows; a rewrite or a truncate gives another
    /// @param defaults values that rows have which were there before their column, by column number
    /// @param timestamps which of the timestamp types a column has, by column number: PostgreSQL changes one
    /// into the other without a rewrite where the session's zone is UTC
    /// @param madeEmpty whether it was made as a partition, and not attached with what it held
    public record Part(
            String storage, Map<String, String> defaults, Map<String, String> timestamps, boolean madeEmpty) {
        public Part {
            defaults = Map.copyOf(defaults);
            timestamps = Map.copyOf(timestamps);
        }

        private boolean hasOtherTimestamps(Part now) {
            return timestamps.entrySet().stream()
                    .anyMatch(column -> !column.getValue()
                            .equals(now.timestamps().getOrDefault(column.getKey(), column.getValue())));
        }
    }

    /// Why a table that had this form has to be loaded again; empty where all that happened to it is in the log.
    ///
    /// @param truncated whether the log held a truncate of the whole table meanwhile
    public Optional<String> outdatedBy(TableForm now, boolean truncated) {
        if (!now.parts.keySet().containsAll(parts.keySet())) {
            return Optional.of("It was made anew, or a partition was detached or dropped");
        }
        boolean allRewritten = parts.entrySet().stream()
                .noneMatch(part ->
                        part.getValue().storage().equals(now.part(part.getKey()).storage()));
        for (Map.Entry<String, Part> entry : new TreeMap<>(now.parts).entrySet()) {
            Part part = entry.getValue();
            Part before = parts.get(entry.getKey());
            if (before == null && !part.madeEmpty()) {
                return Optional.of("A partition was attached");
            }
            boolean rewritten = !part.storage().equals(before == null ? entry.getKey() : before.storage());
            if (rewritten && !(truncated && allRewritten)) {
                return Optional.of("Its rows were rewritten, or a partition was truncated");
            }
            if (before != null
                    && !before.defaults().entrySet().containsAll(part.defaults().entrySet())) {
                return Optional.of("A column was added with a default for the rows that were there");
            }
            if (before != null && before.hasOtherTimestamps(part)) {
                return Optional.of("A column changed between timestamp and timestamptz");
            }
        }
        return Optional.empty();
    }

    private Part part(String id) {
        Part part = parts.get(id);
        if (part == null) {
            throw new IllegalArgumentException("Table " + table + " has no part " + id);
        }
        return part;
    }
}
