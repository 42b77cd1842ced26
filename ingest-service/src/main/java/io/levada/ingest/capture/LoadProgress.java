package io.levada.ingest.capture;

/// Is told now and then how far a chunk is.
@FunctionalInterface
public interface LoadProgress {
    /// @param rows read since the last call, those put aside among them
    /// @param bytes that came since the last call
    void read(long rows, long bytes);
}
