package io.levada.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/// A connection on which one query runs, and what it reads. Used by one thread at a time.
public interface QuerySession extends AutoCloseable {
    /// Reads the tables that the session was opened for, and can change nothing.
    Connection connection();

    /// The snapshot that is read, by table.
    Map<String, String> snapshots();

    /// The bytes of all files of the tables that are read; the engine may skip some of them.
    long scannedBytes();

    @Override
    void close() throws SQLException;
}
