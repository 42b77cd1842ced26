package io.levada.ingest.landing;

/// A point on the way from captured rows to an offered file, at which a crash test can stop the JVM.
public enum LandingStep {
    /// The Parquet files are closed and synced; nothing names them yet.
    FILE_CLOSED,
    /// The manifest is written; the transaction has not begun.
    BEFORE_TRANSACTION,
    /// The events and the offsets are committed to Kafka.
    AFTER_TRANSACTION
}
