package io.levada.events;

/// The committer did not commit a [FilesWritten].
///
/// @param id of the refused event
/// @param code stable error code
/// @param retryable whether the producer may compute and offer the result anew
public record FilesRefused(String id, String table, Cause cause, String code, String reason, boolean retryable) {}
