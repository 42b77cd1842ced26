package io.levada.local;

import io.levada.testing.EmbeddedPostgresServer;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/// Writes to a source in random transactions of every kind, and lets the database itself keep account of each change.
///
/// Tables: `item` (keyed, with a column that is kept out of line), `line` (composite key), `event` (no key, full
/// identity), `idle` and `empty`. Triggers write one row into `account` for every change of a row and for every
/// truncate.
final class SourceWorkload implements Runnable {
    private static final int COPY_ROWS = 100_000;
    private static final int LARGE_TRANSACTION = 10_000;
    private static final Duration RECONNECT = Duration.ofMillis(300);

    private final EmbeddedPostgresServer postgres;
    private final String database;
    private final Random random;
    private final int transactions;
    private final AtomicLong done = new AtomicLong();
    private volatile int allowed;
    private volatile boolean finishing;
    private volatile boolean stopped;
    private volatile @Nullable RuntimeException failure;
    private int nextId = 1_000_000;
    private int number;
    private boolean patient;

    SourceWorkload(EmbeddedPostgresServer postgres, String database, long seed, int transactions) {
        this.postgres = postgres;
        this.database = database;
        this.random = new Random(seed);
        this.transactions = transactions;
    }

    /// Makes the tables, with `rows` rows in `item` that are there before anything is captured.
    static void prepare(EmbeddedPostgresServer postgres, String database, int rows) throws SQLException {
        postgres.createDatabase(database);
        postgres.execute(
                database,
                "CREATE TABLE item (id int PRIMARY KEY, op_id bigint, note text, amount numeric(12,2), body text)",
                "ALTER TABLE item ALTER body SET STORAGE EXTERNAL",
                "CREATE TABLE line (a int, b text, op_id bigint, PRIMARY KEY (a, b))",
                "CREATE TABLE event (op_id bigint, what text)",
                "ALTER TABLE event REPLICA IDENTITY FULL",
                "CREATE TABLE idle (id int PRIMARY KEY, what text)",
                "CREATE TABLE empty (id int PRIMARY KEY, what text)",
                "CREATE TABLE account (n bigserial PRIMARY KEY, tab text, op text, k text, v bigint)",
                "CREATE SEQUENCE op_ids",
                """
                CREATE FUNCTION account() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE k text; v bigint;
                BEGIN
                  IF TG_OP IN ('INSERT', 'UPDATE') THEN v := NEW.op_id; END IF;
                  IF TG_OP = 'TRUNCATE' THEN k := '';
                  ELSIF TG_TABLE_NAME IN ('item', 'shape') THEN k := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
                  ELSIF TG_TABLE_NAME = 'line' THEN k := CASE WHEN TG_OP = 'DELETE' THEN OLD.a || '/' || OLD.b ELSE NEW.a || '/' || NEW.b END;
                  ELSE k := CASE WHEN TG_OP = 'DELETE' THEN OLD.op_id ELSE NEW.op_id END;
                  END IF;
                  INSERT INTO account (tab, op, k, v) VALUES (TG_TABLE_NAME, CASE TG_OP WHEN 'INSERT' THEN 'c' WHEN 'UPDATE' THEN 'u' WHEN 'DELETE' THEN 'd' ELSE 't' END, k, v);
                  RETURN NULL;
                END $$""");
        for (String table : new String[] {"item", "line", "event"}) {
            postgres.execute(
                    database,
                    "INSERT INTO "
                            + (table.equals("item")
                                    ? "item SELECT g, nextval('op_ids'), 'first ' || g, g / 100.0 FROM generate_series(1, "
                                            + rows + ") g"
                                    : table.equals("line")
                                            ? "line SELECT g, 'b' || g, nextval('op_ids') FROM generate_series(1, 100) g"
                                            : "event SELECT nextval('op_ids'), 'first' FROM generate_series(1, 100) g"));
            accountFor(postgres, database, table);
        }
        postgres.execute(database, "INSERT INTO idle SELECT g, 'idle' FROM generate_series(1, 1000) g");
    }

    /// Has every change of a table's rows, and its truncates, written into `account`.
    static void accountFor(EmbeddedPostgresServer postgres, String database, String table) throws SQLException {
        postgres.execute(
                database,
                "CREATE TRIGGER rows AFTER INSERT OR UPDATE OR DELETE ON " + table
                        + " FOR EACH ROW EXECUTE FUNCTION account()",
                "CREATE TRIGGER truncates AFTER TRUNCATE ON " + table
                        + " FOR EACH STATEMENT EXECUTE FUNCTION account()");
    }

    /// Goes on with a new connection when the server is away.
    SourceWorkload patient() {
        patient = true;
        return this;
    }

    @Override
    public void run() {
        while (!stopped) {
            try (Connection connection = postgres.connect(database)) {
                connection.setAutoCommit(false);
                write(connection);
                return;
            } catch (SQLException e) {
                if (!patient) {
                    failure = new IllegalStateException("The workload failed", e);
                    return;
                }
                LockSupport.parkNanos(RECONNECT.toNanos());
            }
        }
    }

    private void write(Connection connection) throws SQLException {
        while ((number < transactions || !finishing) && !stopped) {
            if (number < Math.min(allowed, transactions)) {
                transaction(connection, number++);
            } else {
                small(connection);
            }
            connection.commit();
            done.incrementAndGet();
            // Spread over the restarts, so that each kill finds something under way.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(300)));
        }
    }

    /// Lets it do its first `count` transactions; beyond them it goes on with small ones, so that a slow machine is
    /// not overrun by the large ones.
    void allow(int count) {
        allowed = count;
    }

    /// Ends it once it has done all its transactions.
    void finish() {
        allowed = transactions;
        finishing = true;
    }

    void stop() {
        stopped = true;
    }

    long done() {
        return done.get();
    }

    void requireNoFailure() {
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
    }

    private void transaction(Connection connection, int number) throws SQLException {
        if (number % 400 == 150) {
            copy(connection);
        } else if (number % 400 == 300) {
            execute(connection, "TRUNCATE item, line");
        } else if (number % 100 == 40) {
            insertMany(connection, LARGE_TRANSACTION);
        } else {
            small(connection);
        }
    }

    private void small(Connection connection) throws SQLException {
        int id = 1 + random.nextInt(2_000);
        switch (random.nextInt(8)) {
            case 0 -> insertMany(connection, 1);
            case 1 ->
                execute(
                        connection,
                        "INSERT INTO item VALUES (" + id
                                + ", nextval('op_ids'), 'large', 2.50, repeat(md5(random()::text),"
                                + " 100)) ON CONFLICT (id) DO UPDATE SET op_id = EXCLUDED.op_id, body = EXCLUDED.body");
            case 2 ->
                execute(connection, "UPDATE item SET op_id = nextval('op_ids'), note = 'updated' WHERE id = " + id);
            case 3 -> execute(connection, "DELETE FROM item WHERE id = " + id);
            case 4 ->
                execute(
                        connection,
                        "UPDATE item SET id = " + nextId++ + ", op_id = nextval('op_ids') WHERE id = " + id);
            case 5 ->
                execute(
                        connection,
                        "INSERT INTO line VALUES (" + id
                                + ", 'x', nextval('op_ids')) ON CONFLICT (a, b) DO UPDATE SET op_id ="
                                + " nextval('op_ids')");
            case 6 -> execute(connection, "INSERT INTO event VALUES (nextval('op_ids'), 'happened')");
            default -> execute(connection, "DELETE FROM event WHERE op_id % 97 = " + id % 97);
        }
    }

    private void insertMany(Connection connection, int rows) throws SQLException {
        execute(
                connection,
                "INSERT INTO item SELECT g, nextval('op_ids'), 'inserted', 1.25 FROM generate_series(" + nextId + ", "
                        + (nextId + rows - 1) + ") g");
        nextId += rows;
    }

    private void copy(Connection connection) throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < COPY_ROWS; i++) {
            rows.append(nextId).append('\t').append(-nextId++).append("\tcopied\t0.50\n");
        }
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY item (id, op_id, note, amount) FROM STDIN", new StringReader(rows.toString()));
        } catch (java.io.IOException e) {
            throw new SQLException(e);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
