package io.levada.ingest.binlog;

import io.levada.ingest.capture.BinlogPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The transactions in which steps of loads are read: each sees the database as it is at one place of the log.
///
/// MariaDB says which place a snapshot is at, so each step gets one of its own, and none is open for long.
/// MySQL has to be held still by a global read lock for the moment in which snapshots are made, so they are
/// made once for all readers and serve as long as they read.
final class BinlogSnapshots implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(20);

    private final BinlogPlaces places;
    private final BinlogServer server;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Reader> free = new ArrayDeque<>();

    /// A connection over which steps are read, one after the other.
    ///
    /// @param fixed the place of the snapshot that it keeps; null where each step has another
    record Reader(Connection connection, @Nullable BinlogPosition fixed) {}

    private BinlogSnapshots(BinlogServer server, BinlogPlaces places) {
        this.server = server;
        this.places = places;
    }

    /// @param readers how many are wanted
    static BinlogSnapshots open(BinlogServer server, BinlogPlaces places, int readers) throws SQLException {
        BinlogSnapshots snapshots = new BinlogSnapshots(server, places);
        try {
            for (int i = 0; i < readers; i++) {
                snapshots.connections.add(server.connectForSnapshots());
            }
            BinlogPosition fixed = server.tellsSnapshots() ? null : snapshots.underLock();
            snapshots.connections.forEach(each -> snapshots.free.add(new Reader(each, fixed)));
            return snapshots;
        } catch (SQLException e) {
            snapshots.close();
            throw e;
        }
    }

    private BinlogPosition underLock() throws SQLException {
        try (Connection lock = server.connect();
                Statement locking = lock.createStatement()) {
            locking.execute("FLUSH TABLES WITH READ LOCK");
            for (Connection connection : connections) {
                begin(connection);
            }
            BinlogPosition end = server.place(lock);
            locking.execute("UNLOCK TABLES");
            return end;
        }
    }

    private static void begin(Connection connection) throws SQLException {
        execute(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    }

    /// A reader for the calling thread.
    synchronized Reader take() {
        return free.remove();
    }

    /// Begins the transaction of the next step; one after the other, so that the places of later steps are
    /// not before those of earlier ones.
    ///
    /// A transaction stands in the log a moment before others can see what it wrote: a snapshot from before
    /// all that is known of the stream is dropped.
    BinlogPosition next(Reader reader) throws SQLException, InterruptedException {
        if (reader.fixed() != null) {
            execute(reader, "SAVEPOINT step");
            return reader.fixed();
        }
        while (true) {
            execute(reader, "ROLLBACK");
            begin(reader.connection());
            BinlogPosition seen = server.snapshotPlace(reader.connection());
            if (places.reach(seen)) {
                return seen;
            }
            Thread.sleep(LOOK);
        }
    }

    /// Ends the transaction of a step, so that the server keeps nothing for it. Where the snapshot stays, at least
    /// nobody who changes the table's definition waits for it any more.
    void done(Reader reader) throws SQLException {
        execute(reader, reader.fixed() == null ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT step");
    }

    private static void execute(Reader reader, String sql) throws SQLException {
        execute(reader.connection(), sql);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
