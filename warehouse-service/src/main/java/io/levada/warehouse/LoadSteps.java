package io.levada.warehouse;

/// Told of every step of every load, on the loading thread.
@FunctionalInterface
public interface LoadSteps {
    /// @param target `schema.table` in the warehouse
    void at(LoadStep step, String target);
}
