package io.levada.catalog;

/// Deletes events that are settled: the tables hold what they told. Safe for use by several threads.
public interface SettledEvents {
    /// Deletes all events before the first one that is not settled.
    ///
    /// @return its offset
    /// @throws RuntimeException where Kafka does not carry it out
    long delete();

    /// Makes Kafka able to delete the bytes of the events that are there now, once they are deleted.
    ///
    /// @return false where Kafka forbids us what it takes
    /// @throws RuntimeException where Kafka does not answer
    boolean endSegment();
}
