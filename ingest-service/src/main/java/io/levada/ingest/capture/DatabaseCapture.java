package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import java.io.IOException;
import java.sql.SQLException;

/// How one kind of database is captured: what [SourceCapture] runs, again and again, for one source.
public interface DatabaseCapture {
    DatabaseSource source();

    /// Loads what is to be loaded, and publishes changes from the stored position on, until an order calls.
    ///
    /// @throws SourceProblem what only an operator can mend; all else is tried again
    void run(CaptureRun run) throws SQLException, IOException, InterruptedException;

    /// What orders do at the server.
    LogKeeper keeper();

    /// Looks at the server while the source is stopped: what is kept for it goes on growing there.
    default void lookAtRest(CaptureProgress progress) throws SQLException {}
}
