package io.levada.ingest.capture;

import io.levada.ingest.IngestError;

/// Why a source rests until an operator says otherwise.
///
/// @param nextStep the command that ends it
public record StopCause(IngestError code, String message, String nextStep) {
    /// An operator wants it so.
    public static StopCause wished(String source) {
        return new StopCause(
                IngestError.CAPTURE_PAUSED,
                "Source " + source + " is paused; its server keeps the log meanwhile",
                "./levada source resume " + source);
    }
}
