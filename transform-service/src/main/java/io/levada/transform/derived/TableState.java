package io.levada.transform.derived;

/// State of a derived table as status shows it.
public enum TableState {
    UP_TO_DATE,
    /// It does not follow from its inputs' current snapshots, and is going to be computed.
    STALE,
    /// It is being computed, or its result waits for the committer.
    COMPUTING,
    /// It can not be published yet.
    WAITING,
    /// It could not be computed; it is tried again.
    FAILED
}
