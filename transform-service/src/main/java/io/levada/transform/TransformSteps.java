package io.levada.transform;

/// Is told each step of a computation, on the computing thread, before it goes on.
@FunctionalInterface
public interface TransformSteps {
    TransformSteps NONE = (_, _) -> {};

    /// @param table that is computed
    void reached(TransformStep step, String table);
}
