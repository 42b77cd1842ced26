package io.levada.ingest.changes;

import java.time.OffsetDateTime;
import java.util.List;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/// One change of one row, or of a whole table (`t`).
///
/// @param op `c`, `u`, `d` or `t`
/// @param pos source epoch and sequence; orders the changes of a source
/// @param sourcePos the database's log position
/// @param oldKey the key before an update that changed it
/// @param before the row before, where the source sends it; of a delete at least its key columns
/// @param after the row after an insert or update
/// @param unchanged names of the columns of `after` whose values the source did not send
/// @param refused why the change carries no row, where the lake can not hold it; null otherwise
public record Change(
        String op,
        String pos,
        String sourcePos,
        OffsetDateTime commitTime,
        @Nullable String tx,
        @Nullable Record oldKey,
        @Nullable Record before,
        @Nullable Record after,
        List<String> unchanged,
        @Nullable Refusal refused) {
    public Change {
        unchanged = List.copyOf(unchanged);
    }

    /// A row that has a value that the lake can not hold.
    ///
    /// @param code stable error code
    /// @param reason for people; names the column, never the value
    /// @param row a JSON object of the columns' values as text, keys first; it may be cut off
    public record Refusal(String code, String reason, String row) {}
}
