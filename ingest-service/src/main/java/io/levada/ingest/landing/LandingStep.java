package io.levada.ingest.landing;

/// A point on the way from captured rows to an offered file, at which a crash test can stop the JVM.
public enum LandingStep {
    /// A table is about to be read for its initial load.
    LOAD_BEGUN,
    /// The first change of a file was taken from its topic; nothing of the file is durable.
    FILE_OPENED,
    /// Arrived files are copied and numbered; nothing announces them yet.
    FILE_SPOOLED,
    /// The announcement of arrived files is committed to Kafka; nothing of them is converted.
    FILE_ANNOUNCED,
    /// The Parquet files are closed and synced; nothing names them yet.
    FILE_CLOSED,
    /// The manifest is written; the transaction has not begun.
    BEFORE_TRANSACTION,
    /// The events and the offsets are committed to Kafka.
    AFTER_TRANSACTION
}
