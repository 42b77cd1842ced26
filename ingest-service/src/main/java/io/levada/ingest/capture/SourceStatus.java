package io.levada.ingest.capture;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `GET /v1/status` says of a database source.
///
/// @param state `CONNECTING`, `LOADING`, `STREAMING`, `RETRYING`, `PAUSED` or `STOPPED`
/// @param code stable error code, where something is wrong
/// @param position the log position up to which changes are published
/// @param commitTime of the newest transaction seen
/// @param lagBytes log between the position and the server's end, as last asked
/// @param retainedBytes log that the server keeps for the source, as last asked
/// @param alarms what needs somebody though the source may run
/// @param gaps parts of the log that were lost, in words
/// @param changes published since this process started, refused ones among them
/// @param quarantinedRows of all tables
public record SourceStatus(
        String name,
        String type,
        String state,
        @Nullable String code,
        @Nullable String message,
        @Nullable String nextStep,
        @Nullable String position,
        @Nullable Instant commitTime,
        @Nullable Long lagBytes,
        @Nullable Long retainedBytes,
        List<Alarm> alarms,
        List<String> gaps,
        long changes,
        long quarantinedRows,
        List<TableStatus> tables) {
    public SourceStatus {
        alarms = List.copyOf(alarms);
        gaps = List.copyOf(gaps);
        tables = List.copyOf(tables);
    }

    /// @param code stable error code
    public record Alarm(String code, String message, String nextStep) {}

    /// @param state `WAITING`, `LOADING`, `LOADED` or `FAILED`
    /// @param rowsLoaded read by the load that runs or ran in this process, those put aside among them
    /// @param bytesLoaded that the database sent for them
    /// @param shareLoaded of the load that runs, from 0 to 1; null where none runs
    /// @param secondsLeft at the pace so far; null where no load runs or its pace is not known
    /// @param quarantinedRows put aside since this process started, by loads and from the log
    public record TableStatus(
            String table,
            String state,
            int generation,
            long rowsLoaded,
            long bytesLoaded,
            @Nullable Double shareLoaded,
            @Nullable Long secondsLeft,
            long quarantinedRows,
            @Nullable String code,
            @Nullable String message,
            @Nullable String nextStep) {}

    /// What must be committed before all that was in the source at start has passed: by raw table, its properties and
    /// the least values.
    public record EndOfInput(boolean reached, Map<String, Map<String, Long>> tables) {
        public EndOfInput {
            tables = Map.copyOf(tables);
        }
    }
}
