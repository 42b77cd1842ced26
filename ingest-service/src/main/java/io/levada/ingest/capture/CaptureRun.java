package io.levada.ingest.capture;

/// What one run of a capture works with.
///
/// @param log opened for this run: nobody else publishes the source
/// @param progress is told what happens
/// @param orders end the run once one waits
/// @param quarantine to be asked now and then
public record CaptureRun(SourceLog log, CaptureProgress progress, SourceOrders orders, QuarantineWatch quarantine) {}
