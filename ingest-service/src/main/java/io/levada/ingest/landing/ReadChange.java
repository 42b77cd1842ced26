package io.levada.ingest.landing;

import io.levada.ingest.IngestError;
import io.levada.ingest.changes.Change;
import io.levada.ingest.changes.ChangeSchema;

/// What came of reading one record of a change topic.
sealed interface ReadChange {
    /// @param schemaId at the registry
    record Readable(int schemaId, ChangeSchema schema, Change change) implements ReadChange {}

    /// The record says nothing to Levada, and never will as things are.
    ///
    /// @param reason for people
    record Unreadable(IngestError error, String reason) implements ReadChange {}
}
