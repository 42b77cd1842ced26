package io.levada.transform;

/// A point on the way from inputs to an offered result, at which a crash test can stop the JVM.
public enum TransformStep {
    /// The snapshots of the inputs are chosen; nothing is computed.
    BEGUN,
    /// The Parquet files are closed and synced; nothing names them yet.
    FILES_CLOSED,
    /// Kafka holds the event that offers the files.
    AFTER_OFFER
}
