package io.levada.events;

/// Why files were written.
public enum Cause {
    /// A range of a change topic was landed.
    CHANGES,
    /// A chunk of an initial load was read.
    CHUNK,
    /// A file that arrived was taken in.
    FILE,
    /// Rows that could not be taken were put aside into `raw.quarantine`.
    QUARANTINE,
    /// A curated table was computed.
    CURATION,
    /// A mirror was computed.
    MIRROR,
    /// Small files were rewritten.
    COMPACTION,
    /// The rows of one key were taken out for good.
    ERASURE,
    /// Rows of the history that is not kept any longer were taken out.
    RETENTION
}
