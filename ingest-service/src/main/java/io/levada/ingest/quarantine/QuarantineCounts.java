package io.levada.ingest.quarantine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// How many rows were offered to quarantine since the process started, for status and metrics. Safe for use by several
/// threads.
public final class QuarantineCounts {
    private final Map<Kind, Long> rows = new HashMap<>();
    private final List<Consumer<Kind>> observers = new ArrayList<>();

    /// What is counted apart; the definition and the error codes bound the number of kinds.
    ///
    /// @param table the raw table that the rows were meant for
    public record Kind(String source, String table, String code) {}

    /// Adds the rows of a run, after they were offered.
    public synchronized void add(Map<Kind, Long> counts) {
        counts.forEach((kind, count) -> {
            if (rows.merge(kind, count, Long::sum).equals(count)) {
                observers.forEach(observer -> observer.accept(kind));
            }
        });
    }

    /// Names every kind once, those that come up later too.
    public synchronized void observe(Consumer<Kind> observer) {
        observers.add(observer);
        rows.keySet().forEach(observer);
    }

    public synchronized long rows(Kind kind) {
        return rows.getOrDefault(kind, 0L);
    }

    /// Rows that were meant for a raw table.
    public synchronized long rows(String table) {
        return rows.entrySet().stream()
                .filter(entry -> entry.getKey().table().equals(table))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
