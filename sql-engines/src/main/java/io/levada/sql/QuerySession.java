package io.levada.sql;

import io.levada.events.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/// A connection on which one query runs, and what it reads. Used by one thread at a time.
public interface QuerySession extends AutoCloseable {
    /// Reads the tables that the session was opened for, and can change nothing.
    Connection connection();

    /// The snapshot that is read, by table.
    Map<String, String> snapshots();

    /// To which position of each source the tables are complete, by table and source; a lower bound. A table of which
    /// nothing is known is absent.
    Map<String, Map<String, SourcePosition>> completeTo();

    /// The bytes of all files of the tables that are read; the engine may skip some of them.
    long scannedBytes();

    @Override
    void close() throws SQLException;
}
