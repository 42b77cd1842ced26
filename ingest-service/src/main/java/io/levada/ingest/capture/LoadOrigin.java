package io.levada.ingest.capture;

import io.levada.events.LoadChunk;
import java.time.Instant;

/// What every row of a chunk carries beside its columns.
///
/// @param source the source's name
/// @param chunk the step of the load; its `pos` is the rows' `_pos`
/// @param sourcePos the database's log position of the snapshot
public record LoadOrigin(String source, LoadChunk chunk, String sourcePos, Instant readAt) {}
