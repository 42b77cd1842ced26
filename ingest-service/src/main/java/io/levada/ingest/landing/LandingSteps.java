package io.levada.ingest.landing;

/// Is told each step of landing, on the landing thread, before landing goes on.
@FunctionalInterface
public interface LandingSteps {
    LandingSteps NONE = (_, _) -> {};

    /// @param table whose files are landed
    void reached(LandingStep step, String table);
}
