package io.levada.events;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A query ended.
///
/// @param query name of a named query, or null
/// @param state `SUCCEEDED`, `FAILED` or `CANCELLED`
/// @param snapshots by table
/// @param deliveries where the result went
public record QueryCompleted(
        @Nullable String query,
        String runId,
        String state,
        Map<String, Long> snapshots,
        long rows,
        long scannedBytes,
        long elapsedMillis,
        List<String> deliveries) {
    public QueryCompleted {
        snapshots = Map.copyOf(snapshots);
        deliveries = List.copyOf(deliveries);
    }
}
