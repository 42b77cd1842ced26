package io.levada.events;

import java.time.Instant;

/// How far a table holds what its source committed.
///
/// @param position the source's own log position
public record SourcePosition(String position, Instant commitTime) {}
