package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;

/// What is to be done with an event, given what its table holds.
sealed interface Verdict {
    /// The event follows on: its files and these properties belong into one commit.
    record Apply(PropertyChanges changes) implements Verdict {}

    /// The table holds it already.
    record Repeat() implements Verdict {}

    /// It will never be committed; its producer is told.
    ///
    /// @param retryable whether the producer may compute and offer the result anew
    record Refuse(CatalogError code, String reason, boolean retryable) implements Verdict {}

    /// Neither this event nor a later one of the table can be committed now.
    record Park(CatalogError code, String reason) implements Verdict {}
}
