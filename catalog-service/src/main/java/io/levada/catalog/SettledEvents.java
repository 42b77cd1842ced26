package io.levada.catalog;

/// Deletes events that are settled: the tables hold what they told. Safe for use by several threads.
@FunctionalInterface
public interface SettledEvents {
    /// Deletes all events before the first one that is not settled.
    ///
    /// @return its offset
    /// @throws RuntimeException where Kafka does not carry it out
    long delete();
}
