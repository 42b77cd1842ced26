package io.levada.transform.derived;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the derived tables stand to their inputs.
///
/// @param settled whether every derived table that can be published follows from the current snapshots of its inputs,
///     and nothing runs or is in flight. A table whose SELECT fails on exactly these snapshots can not be published
public record TransformStatus(List<Table> tables, boolean settled) {
    public TransformStatus {
        tables = List.copyOf(tables);
    }

    /// @param snapshotId the table's current snapshot, or null where it has none
    /// @param inputs the snapshots that it follows from, by table; `-1` for a table before its first snapshot
    /// @param waitingFor why it can not be published yet, or null
    public record Table(
            String name,
            TableState state,
            @Nullable String snapshotId,
            Map<String, String> inputs,
            @Nullable String waitingFor,
            @Nullable Failure error) {
        public Table {
            inputs = Map.copyOf(inputs);
        }
    }

    /// @param code stable
    public record Failure(String code, String detail, String nextStep) {}
}
