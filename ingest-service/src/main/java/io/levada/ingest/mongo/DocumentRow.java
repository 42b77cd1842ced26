package io.levada.ingest.mongo;

import io.levada.ingest.IngestError;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of a document.
sealed interface DocumentRow {
    /// @param form the columns
    /// @param values by column; a column without one has none
    record Read(CollectionForm form, Map<String, @Nullable Object> values) implements DocumentRow {}

    /// The collection's policy does not let the document in.
    ///
    /// @param reason for people; does not name a value
    record Refused(IngestError error, String reason) implements DocumentRow {}
}
