package io.levada.ingest.files;

import org.jspecify.annotations.Nullable;

/// A watched folder or prefix as `GET /v1/status` shows it.
///
/// @param folder absolute, or an `s3://` prefix
/// @param seen files in the folder at the last look, temporary names not counted
/// @param arrived files ever announced
/// @param landed files ever offered for commit, quarantined ones among them
/// @param quarantinedFiles files put aside as a whole since the start of the process
/// @param quarantinedRows single records put aside since the start of the process
/// @param refused files whose path was taken before with other content, as they lie in the folder now
/// @param queue null where the source has none
/// @param lastError null where all is well
public record FileSourceStatus(
        String name,
        String folder,
        String table,
        State state,
        long seen,
        long arrived,
        long landed,
        long quarantinedFiles,
        long quarantinedRows,
        long refused,
        @Nullable Queue queue,
        @Nullable LastError lastError) {
    /// What a watch is at.
    public enum State {
        /// Kafka is awaited, or the ledger is being read.
        STARTING,
        WATCHING,
        /// The folder or bucket is not there; looked for again at every poll.
        MISSING,
        /// Something failed and is tried again; see the last error.
        RETRYING,
        /// Too much went to quarantine; an operator lets it go on.
        PAUSED,
        /// A newer process watches the folder.
        FENCED,
        STOPPED
    }

    /// The queue that tells of a prefix, and what came of it since the start of the process.
    ///
    /// @param received messages; one that came again counts again
    /// @param strange messages that were not understood or are about other objects, and stay in the queue
    public record Queue(String url, long received, long strange) {}

    /// The newest thing that went wrong and still stands.
    ///
    /// @param code stable
    public record LastError(String code, String detail) {}
}
