package io.levada.catalog;

/// The steps of a commit at which a crash has its own consequence.
public enum CommitStep {
    /// All is planned and staged; nothing is in the table yet.
    BEFORE_COMMIT,
    /// The table has the commit; it is neither acknowledged nor announced.
    AFTER_COMMIT,
    /// The new snapshot is about to be announced.
    BEFORE_SWEEP
}
