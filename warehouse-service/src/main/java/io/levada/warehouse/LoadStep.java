package io.levada.warehouse;

/// A point in a load at which a test can stop the process.
public enum LoadStep {
    /// All rows and the snapshot id are written, nothing is visible.
    BEFORE_COMMIT,
    /// The load is visible and durable, nothing is published.
    AFTER_COMMIT
}
