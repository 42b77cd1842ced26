package io.levada.catalog;

import java.util.function.Consumer;

/// Reads the events that are not settled: their files are in no table yet, and must stay. Safe for use by several
/// threads.
@FunctionalInterface
public interface UnsettledEvents {
    /// Hands over every event that was in Kafka when this was called and was not settled then, those of parked
    /// tables among them.
    ///
    /// @throws RuntimeException where they can not all be read; nobody may delete a file then
    void read(Consumer<UnsettledEvent> each);
}
