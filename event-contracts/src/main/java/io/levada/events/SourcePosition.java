package io.levada.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a table holds what its source committed: everything up to here, and perhaps more.
///
/// @param position the source's own log position; for a source of files, the number of the last file taken in
/// @param commitTime when the source committed the newest transaction up to there; null where it has committed none
///     since capture began, and for files
public record SourcePosition(String position, @Nullable Instant commitTime) {}
