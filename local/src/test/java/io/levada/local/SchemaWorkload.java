package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Changes the columns of a small table, `shape`, between changes of its rows: columns come, with and without a
/// default, are widened, renamed and dropped.
///
/// A change of columns that changes rows without an event is followed by an update of all rows: until such tables are
/// reloaded by themselves, mirrors hold what was sent.
///
/// Columns change about every seven seconds. Each change lengthens the table's metadata, which every commit writes
/// and every reader reads whole, until old sets of columns are removed with the snapshots that refer to them.
final class SchemaWorkload implements Runnable {
    private static final int PAUSE_MILLIS = 2_500;
    private static final int ROWS = 40;
    private static final int MOST_COLUMNS = 12;
    private static final String TOUCH = "UPDATE shape SET op_id = nextval('op_ids')";

    private final EmbeddedPostgresServer postgres;
    private final String database;
    private final Random random;
    private volatile boolean stopped;
    private int changes;
    private volatile int statements;

    SchemaWorkload(EmbeddedPostgresServer postgres, String database, long seed) {
        this.postgres = postgres;
        this.database = database;
        this.random = new Random(seed);
    }

    /// Makes the table in a database that [SourceWorkload] has prepared.
    static void prepare(EmbeddedPostgresServer postgres, String database) throws SQLException {
        postgres.execute(
                database,
                "CREATE TABLE shape (id int PRIMARY KEY, op_id bigint)",
                "INSERT INTO shape SELECT g, nextval('op_ids') FROM generate_series(1, " + ROWS / 2 + ") g");
        SourceWorkload.accountFor(postgres, database, "shape");
    }

    /// The columns beside `id` and `op_id` that the table has now.
    static List<String> columns(EmbeddedPostgresServer postgres, String database) throws SQLException {
        try (Connection connection = postgres.connect(database)) {
            return columns(connection, "true");
        }
    }

    void stop() {
        stopped = true;
    }

    /// How often the columns were changed.
    int changes() {
        return statements;
    }

    @Override
    public void run() {
        while (!stopped) {
            try (Connection connection = postgres.connect(database)) {
                connection.setAutoCommit(false);
                while (!stopped) {
                    transaction(connection);
                    connection.commit();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(PAUSE_MILLIS)));
                }
            } catch (SQLException e) {
                // The server was away: the table says what was committed.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
            }
        }
    }

    private void transaction(Connection connection) throws SQLException {
        int id = 1 + random.nextInt(ROWS);
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 ->
                execute(
                        connection,
                        "INSERT INTO shape (id, op_id) VALUES (" + id
                                + ", nextval('op_ids')) ON CONFLICT (id) DO UPDATE SET op_id = nextval('op_ids')");
            case 4 -> execute(connection, "DELETE FROM shape WHERE id = " + id);
            case 5, 6, 7 -> fill(connection, id);
            default -> changeColumns(connection);
        }
    }

    private void fill(Connection connection, int id) throws SQLException {
        StringBuilder sql = new StringBuilder("UPDATE shape SET op_id = nextval('op_ids')");
        for (String column : columns(connection, "true")) {
            sql.append(", ").append(column).append(" = ").append(random.nextInt(1_000));
        }
        execute(connection, sql + " WHERE id = " + id);
    }

    private void changeColumns(Connection connection) throws SQLException {
        List<String> columns = columns(connection, "true");
        List<String> narrow = columns(connection, "atttypid = 'int'::regtype");
        String fresh = "c" + changes++;
        int choice = columns.size() >= MOST_COLUMNS ? 4 : random.nextInt(5);
        if (choice >= 2 && columns.isEmpty()) {
            choice = 0;
        }
        switch (choice) {
            case 0 -> execute(connection, "ALTER TABLE shape ADD COLUMN " + fresh + " int");
            case 1 -> execute(connection, "ALTER TABLE shape ADD COLUMN " + fresh + " int DEFAULT 7", TOUCH);
            case 2 -> {
                if (!narrow.isEmpty()) {
                    execute(connection, "ALTER TABLE shape ALTER " + any(narrow) + " TYPE bigint", TOUCH);
                }
            }
            case 3 -> execute(connection, "ALTER TABLE shape RENAME " + any(columns) + " TO " + fresh, TOUCH);
            default -> execute(connection, "ALTER TABLE shape DROP COLUMN " + any(columns));
        }
        statements++;
    }

    private String any(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private static List<String> columns(Connection connection, String condition) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT attname FROM pg_attribute WHERE attrelid = 'shape'::regclass AND attnum > 2 AND NOT"
                                + " attisdropped AND " + condition + " ORDER BY attnum")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
