package io.levada.events;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How far a source's log is published whole, written to [Topics#sourcePositions] under [#KEY] in the Kafka transaction
/// that publishes the changes. A table is complete to it once the table holds its change topic up to the end given
/// here.
///
/// @param order sorts the positions of one source as a string
/// @param position the source's own log position
/// @param commitTime when the source committed the newest transaction up to there, or null before the first
/// @param ends by change topic, the offset after its last change; a topic without any change may be absent, and that
///     of a table that is not captured or is being loaded again has an end that is never reached
/// @param loading change topics of the tables that are to be loaded again, or of whose load not all is offered; none
///     of one that is loaded for the first time
public record PublishedPosition(
        String source,
        String order,
        String position,
        @Nullable Instant commitTime,
        Map<String, Long> ends,
        Set<String> loading) {
    /// The record's key.
    public static final String KEY = "published";

    public PublishedPosition {
        ends = Map.copyOf(ends);
        // What was written before there was this field has none.
        loading = loading == null ? Set.of() : Set.copyOf(loading);
    }

    /// The position without what it takes to find it.
    public TablePosition table() {
        return new TablePosition(order, position, commitTime);
    }
}
