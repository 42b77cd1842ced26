package io.levada.ingest.capture;

import java.util.List;

/// What an operator, or a guard in their place, wants of a source. What an order changes is stored durably before it is
/// answered, so it holds after a restart too.
public sealed interface SourceOrder {
    /// Stops reading the log; the position stays.
    ///
    /// @param cause why, as status shows it
    record Pause(StopCause cause) implements SourceOrder {}

    /// Goes on where the source was paused.
    record Resume() implements SourceOrder {}

    /// Loads tables once more, each as a new generation.
    ///
    /// @param tables by lake name
    /// @param reason as status and log show it
    record Reload(List<String> tables, String reason) implements SourceOrder {
        public Reload {
            tables = List.copyOf(tables);
        }
    }

    /// Remembers how tables look, where the log holds all that happened to them.
    record Note(List<TableForm> forms) implements SourceOrder {
        public Note {
            forms = List.copyOf(forms);
        }
    }

    /// Asks the server again what its tables are: one that could not be captured can be now.
    record LookAnew() implements SourceOrder {}

    /// Begins anew at the end of the log after log was lost, and loads all tables once more.
    ///
    /// @param force also where no log is lost
    record Repair(boolean force) implements SourceOrder {}

    /// Removes what the source has at the server: slot and publication.
    record Drop() implements SourceOrder {}
}
