package io.levada.catalog.lineage;

import io.levada.events.FileIdentity;
import io.levada.events.OffsetRange;
import io.levada.events.SnapshotInputs.FileNumbers;
import io.levada.events.SnapshotInputs.LoadedChunks;
import io.levada.events.SourcePosition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The answer of `GET /v1/lineage/{table}`: what a snapshot comes from, what follows from it, or both.
///
/// @param truncated whether there is more than the depth or the greatest number of nodes allows
record Lineage(String table, @Nullable String snapshotId, List<Node> nodes, List<Edge> edges, boolean truncated) {
    /// @param id names it among the nodes: `table@snapshotId`, `source:name/table`, `load:target` or `query:name`
    /// @param kind `table`, `source`, `load` or `query`
    /// @param name of the table, source table, target or query
    /// @param source of a source's table: the source's name and type
    /// @param snapshot of a table
    record Node(
            String id,
            String kind,
            String name,
            @Nullable Source source,
            @Nullable AtSnapshot snapshot) {}

    /// @param type null where the definition does not name the source
    record Source(String name, @Nullable String type) {}

    /// @param snapshotId null where the table has none
    /// @param cause why it was committed; null where an engine outside did
    /// @param behind whether it does not hold yet what the table that was asked for holds
    /// @param completeTo by source
    record AtSnapshot(
            @Nullable String snapshotId,
            @Nullable Instant committedAt,
            @Nullable String cause,
            List<String> eventIds,
            boolean behind,
            Map<String, SourcePosition> completeTo) {}

    /// @param from the node that gives
    /// @param to the node that takes
    /// @param fromSnapshot of an input table: the snapshot that the taker followed from before
    /// @param toSnapshot of an input table: the snapshot that it follows from
    /// @param position of a source: what the taker is complete to
    /// @param wrote of a source: what of it the snapshot added
    record Edge(
            String from,
            String to,
            @Nullable String fromSnapshot,
            @Nullable String toSnapshot,
            @Nullable SourcePosition position,
            @Nullable Wrote wrote) {}

    /// @param unnamed how many ranges, loads and files the snapshot had no room to name
    record Wrote(
            List<OffsetRange> ranges,
            List<LoadedChunks> chunks,
            List<FileNumbers> fileNumbers,
            List<FileIdentity> files,
            int unnamed) {}
}
