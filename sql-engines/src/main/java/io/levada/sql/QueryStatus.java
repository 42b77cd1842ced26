package io.levada.sql;

import io.levada.events.SourcePosition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A query at one moment.
///
/// @param columns empty until it succeeded
/// @param rows values as [ResultValues] gives them
/// @param truncated whether there were more rows than `rows` has
/// @param scannedBytes bytes of all files of the tables that were read
/// @param elapsedMillis from its start, or 0 before it
/// @param snapshots by table
/// @param completeTo to which position of each source the tables are complete, by table and source; empty until it
///     succeeded
/// @param failure why it failed or was cancelled
public record QueryStatus(
        String id,
        QueryState state,
        List<TableDetail.Column> columns,
        List<List<@Nullable Object>> rows,
        boolean truncated,
        long scannedBytes,
        long elapsedMillis,
        Map<String, String> snapshots,
        Map<String, Map<String, SourcePosition>> completeTo,
        @Nullable QueryException failure) {}
