package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Writes large transactions to `item`, each when it is asked to, in a range of ids of its own.
final class BulkWorkload implements Runnable {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final EmbeddedPostgresServer postgres;
    private final String database;
    private final Random random;
    private volatile int wanted;
    private volatile boolean stopped;
    private long nextId = 100_000_000;

    BulkWorkload(EmbeddedPostgresServer postgres, String database, long seed) {
        this.postgres = postgres;
        this.database = database;
        this.random = new Random(seed);
    }

    /// Asks for a transaction of so many rows; one that is still to be begun is replaced.
    void write(int rows) {
        wanted = rows;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            int rows = wanted;
            if (rows == 0) {
                LockSupport.parkNanos(LOOK.toNanos());
                continue;
            }
            wanted = 0;
            try (Connection connection = postgres.connect(database)) {
                connection.setAutoCommit(false);
                transaction(connection, rows);
                connection.commit();
            } catch (SQLException e) {
                // The server was away; what it has committed stands in its own account.
                LockSupport.parkNanos(LOOK.toNanos());
            }
        }
    }

    /// Rows come, are changed in part and go in part, so that tables do not only grow.
    private void transaction(Connection connection, int rows) throws SQLException {
        long first = nextId;
        nextId += rows;
        try (Statement statement = connection.createStatement()) {
            int inserted = rows * 6 / 10;
            statement.execute("INSERT INTO item SELECT g, nextval('op_ids'), 'bulk', 3.75 FROM generate_series(" + first
                    + ", " + (first + inserted - 1) + ") g");
            statement.execute("UPDATE item SET op_id = nextval('op_ids'), note = 'bulk changed' WHERE id BETWEEN "
                    + first + " AND " + (first + rows * 2 / 10 - 1));
            if (random.nextBoolean()) {
                statement.execute("DELETE FROM item WHERE id BETWEEN " + (first + rows / 10) + " AND "
                        + (first + rows * 3 / 10 - 1));
            } else {
                statement.execute("UPDATE item SET id = id + 50000000, op_id = nextval('op_ids') WHERE id BETWEEN "
                        + (first + rows / 10) + " AND " + (first + rows * 3 / 10 - 1));
            }
        }
    }
}
