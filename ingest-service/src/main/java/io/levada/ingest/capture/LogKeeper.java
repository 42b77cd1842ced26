package io.levada.ingest.capture;

import java.sql.SQLException;

/// What orders do at a source's server.
public interface LogKeeper {
    /// Makes the log readable from its end on, after log was lost.
    ///
    /// @param force also where no log is lost
    /// @return where it is read from
    /// @throws SourceProblem where no log is lost, or somebody else reads it
    LogPosition beginAnew(CapturePosition stored, boolean force) throws SQLException;

    /// Removes what the source has there.
    ///
    /// @return what was done, for people
    String remove() throws SQLException;
}
