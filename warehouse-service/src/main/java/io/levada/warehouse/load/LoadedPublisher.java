package io.levada.warehouse.load;

/// Tells the world of loads.
@FunctionalInterface
interface LoadedPublisher {
    /// Returns once the event is durable.
    void publish(LoadedTable loaded);
}
