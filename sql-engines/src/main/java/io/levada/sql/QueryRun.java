package io.levada.sql;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One query from its submission on. Safe for use by several threads.
public final class QueryRun {
    private static final Duration CANCEL_RETRY = Duration.ofMillis(50);
    private static final int CANCEL_TRIES = 100;

    private final String id;
    private final SelectVerdict.Accepted select;
    private final QueryRequest request;
    private final CountDownLatch ended = new CountDownLatch(1);

    private QueryStatus status;
    private long startedNanos;
    private long bytes;
    private boolean cancelled;
    private @Nullable Statement statement;

    QueryRun(String id, SelectVerdict.Accepted select, QueryRequest request) {
        this.id = id;
        this.select = select;
        this.request = request;
        this.status =
                new QueryStatus(id, QueryState.QUEUED, List.of(), List.of(), false, 0, 0, Map.of(), Map.of(), null);
    }

    public String id() {
        return id;
    }

    SelectVerdict.Accepted select() {
        return select;
    }

    QueryRequest request() {
        return request;
    }

    /// The query now.
    public synchronized QueryStatus status() {
        return status.state() == QueryState.RUNNING
                ? new QueryStatus(
                        id,
                        QueryState.RUNNING,
                        List.of(),
                        List.of(),
                        false,
                        status.scannedBytes(),
                        elapsedMillis(),
                        status.snapshots(),
                        Map.of(),
                        null)
                : status;
    }

    /// Waits until the query ended, at most this long.
    public QueryStatus await(Duration wait) throws InterruptedException {
        boolean _ = ended.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        return status();
    }

    /// About how much memory the result takes.
    synchronized long bytes() {
        return bytes;
    }

    synchronized long elapsedMillis() {
        return startedNanos == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    /// @return false where it was cancelled before
    synchronized boolean start() {
        if (cancelled) {
            return false;
        }
        startedNanos = System.nanoTime();
        status = new QueryStatus(id, QueryState.RUNNING, List.of(), List.of(), false, 0, 0, Map.of(), Map.of(), null);
        return true;
    }

    /// What the running query reads, and the statement that a cancellation ends.
    synchronized void running(Statement running, QuerySession session) {
        statement = running;
        status = new QueryStatus(
                id,
                QueryState.RUNNING,
                List.of(),
                List.of(),
                false,
                session.scannedBytes(),
                0,
                session.snapshots(),
                Map.of(),
                null);
        checkCancelled();
    }

    synchronized void checkCancelled() {
        if (cancelled) {
            throw cancellation();
        }
    }

    private static QueryException cancellation() {
        return new QueryException(SqlError.CANCELLED, "The query was cancelled");
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /// No cancellation reaches the statement after this.
    synchronized void detachStatement() {
        statement = null;
    }

    void end(QueryStatus last, long resultBytes) {
        synchronized (this) {
            status = last;
            bytes = resultBytes;
        }
        ended.countDown();
    }

    /// Asks the query to end; it has ended, in whatever way, or is about to, when this returns.
    void cancel() throws InterruptedException {
        synchronized (this) {
            if (status.state().ended()) {
                return;
            }
            cancelled = true;
            if (status.state() == QueryState.QUEUED) {
                status = new QueryStatus(
                        id,
                        QueryState.CANCELLED,
                        List.of(),
                        List.of(),
                        false,
                        0,
                        0,
                        Map.of(),
                        Map.of(),
                        cancellation());
                ended.countDown();
                return;
            }
        }
        // DuckDB forgets an interrupt that comes just before the statement starts.
        for (int i = 0; i < CANCEL_TRIES && !ended.await(0, TimeUnit.MILLISECONDS); i++) {
            synchronized (this) {
                cancelStatement();
            }
            if (ended.await(CANCEL_RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private void cancelStatement() {
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                // it has ended by itself
                statement = null;
            }
        }
    }
}
