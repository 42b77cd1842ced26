package io.levada.ingest.landing;

import io.levada.ingest.IngestError;
import java.util.Map;
import org.apache.iceberg.Table;

/// Whether changes with certain columns can be landed in their raw table.
sealed interface RawTarget {
    /// The raw table as it is now.
    Table table();

    /// Its schema takes the changes; columns that it lacks are left out, where the table is frozen.
    ///
    /// @param renamed what the table calls columns of the changes that it has under another name
    record Ready(Table table, Map<String, String> renamed) implements RawTarget {}

    /// The changes go to quarantine.
    ///
    /// @param reason for people
    record Refused(Table table, IngestError code, String reason) implements RawTarget {}
}
