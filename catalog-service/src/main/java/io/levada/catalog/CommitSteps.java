package io.levada.catalog;

/// Told of every step of a commit, on the thread that makes it. Tests stop the process there.
@FunctionalInterface
public interface CommitSteps {
    void reached(CommitStep step, String table);
}
