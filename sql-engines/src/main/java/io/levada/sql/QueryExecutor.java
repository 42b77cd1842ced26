package io.levada.sql;

import io.levada.events.SourcePosition;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs SELECTs from outside: a few at a time, each on a session of its own, with a bounded queue and
/// bounded memory for results. Ended queries are kept for a while; the oldest go first.
///
/// Safe for use by several threads.
public final class QueryExecutor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(QueryExecutor.class);
    private static final int MESSAGE_CHARACTERS = 2_000;

    private final QueryableTables tables;
    private final SelectGate gate;
    private final QueryLimits limits;
    private final QueryObserver observer;
    private final ThreadPoolExecutor threads;
    private final Map<String, QueryRun> active = new ConcurrentHashMap<>();
    private final Map<String, QueryRun> kept = new LinkedHashMap<>();
    private long keptBytes;

    public QueryExecutor(QueryableTables tables, SelectGate gate, QueryLimits limits, QueryObserver observer) {
        this.tables = tables;
        this.gate = gate;
        this.limits = limits;
        this.observer = observer;
        this.threads = new ThreadPoolExecutor(
                limits.concurrency(),
                limits.concurrency(),
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(limits.queued()),
                Thread.ofPlatform().name("levada-query-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// Takes a query in.
    ///
    /// @throws QueryException where the statement is refused, its parameters do not fit, or too many
    /// queries wait
    public QueryRun submit(QueryRequest request) {
        SelectVerdict.Accepted select = gate.require(request.sql());
        List<@Nullable Object> values = select.bind(request.parameters());
        TableReads reads = select.reads(request.parameters());
        QueryRun run = new QueryRun(UUID.randomUUID().toString(), select, request);
        active.put(run.id(), run);
        try {
            threads.execute(() -> run(run, reads, values));
        } catch (RejectedExecutionException e) {
            active.remove(run.id());
            throw new QueryException(
                    SqlError.QUEUE_FULL,
                    limits.concurrency() + " queries run and " + limits.queued() + " wait; no more are taken",
                    e);
        }
        return run;
    }

    /// A query that has not been forgotten yet.
    public Optional<QueryRun> find(String id) {
        QueryRun run = active.get(id);
        if (run != null) {
            return Optional.of(run);
        }
        synchronized (kept) {
            return Optional.ofNullable(kept.get(id));
        }
    }

    /// Cancels a query; one that has ended stays as it is.
    public Optional<QueryStatus> cancel(String id) throws InterruptedException {
        Optional<QueryRun> found = find(id);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        QueryRun run = found.get();
        run.cancel();
        return Optional.of(run.status());
    }

    private void run(QueryRun run, TableReads reads, List<@Nullable Object> values) {
        Result result = Result.NONE;
        QueryStatus status;
        try {
            if (!run.start()) {
                run.checkCancelled();
            }
            result = execute(run, reads, values);
            status = result.succeeded(run);
        } catch (QueryException e) {
            status = failed(run, e);
        } catch (SQLException | RuntimeException | Error e) {
            status = failed(run, failure(run, e));
        }
        try {
            observer.ended(run.request(), status);
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("An observer of queries failed");
        }
        keep(run, status, result.bytes());
    }

    private Result execute(QueryRun run, TableReads reads, List<@Nullable Object> values) throws SQLException {
        try (QuerySession session = tables.open(reads)) {
            List<String> names = names(run, session);
            int maxRows = Math.min(run.request().maxRows(), limits.maxRows());
            // DuckDB holds a whole result in memory, beside its memory limit; so the limit is part of the query.
            String sql = "SELECT * FROM (\n" + run.select().statement().body() + "\n) LIMIT " + (maxRows + 1L);
            try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
                for (int i = 0; i < values.size(); i++) {
                    bind(statement, i + 1, values.get(i));
                }
                run.running(statement, session);
                try (ResultSet rows = statement.executeQuery()) {
                    return read(run, session, columns(names, rows.getMetaData()), rows, maxRows);
                } finally {
                    run.detachStatement();
                }
            }
        }
    }

    /// The names that the statement itself gives its columns: inside another one equal names get a
    /// number. DuckDB does not know them before parameters without a type are bound.
    private static List<String> names(QueryRun run, QuerySession session) throws SQLException {
        try (PreparedStatement statement =
                session.connection().prepareStatement(run.select().statement().body())) {
            return names(statement.getMetaData());
        }
    }

    private static List<String> names(ResultSetMetaData meta) throws SQLException {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnName(i));
        }
        return names;
    }

    private static List<TableDetail.Column> columns(List<String> statementNames, ResultSetMetaData meta)
            throws SQLException {
        List<String> resultNames = names(meta);
        boolean known = statementNames.size() == resultNames.size()
                && IntStream.range(0, resultNames.size())
                        .allMatch(i -> resultNames.get(i).equals(statementNames.get(i))
                                || resultNames.get(i).startsWith(statementNames.get(i) + "_"));
        List<TableDetail.Column> columns = new ArrayList<>();
        for (int i = 0; i < resultNames.size(); i++) {
            columns.add(new TableDetail.Column(
                    known ? statementNames.get(i) : resultNames.get(i), meta.getColumnTypeName(i + 1)));
        }
        return columns;
    }

    private static void bind(PreparedStatement statement, int position, @Nullable Object value) throws SQLException {
        if (value instanceof java.math.BigDecimal decimal && decimal.scale() < 0) {
            statement.setObject(position, decimal.setScale(0));
        } else {
            statement.setObject(position, value);
        }
    }

    private Result read(
            QueryRun run, QuerySession session, List<TableDetail.Column> columns, ResultSet rows, int maxRows)
            throws SQLException {
        List<List<@Nullable Object>> values = new ArrayList<>();
        long bytes = 0;
        boolean truncated = false;
        while (!truncated && rows.next()) {
            run.checkCancelled();
            List<@Nullable Object> row = new ArrayList<>(columns.size());
            for (int i = 1; i <= columns.size(); i++) {
                @Nullable
                Object value = ResultValues.of(rows, i, columns.get(i - 1).type());
                row.add(value);
                bytes += ResultValues.bytes(value);
            }
            bytes += 32;
            truncated = values.size() == maxRows || bytes > limits.resultBytes();
            if (!truncated) {
                values.add(Collections.unmodifiableList(row));
            }
        }
        return new Result(
                columns,
                Collections.unmodifiableList(values),
                truncated,
                Math.min(bytes, limits.resultBytes()),
                session.scannedBytes(),
                session.snapshots(),
                session.completeTo());
    }

    private QueryStatus failed(QueryRun run, QueryException failure) {
        QueryStatus now = run.status();
        return new QueryStatus(
                run.id(),
                failure.error() == SqlError.CANCELLED ? QueryState.CANCELLED : QueryState.FAILED,
                List.of(),
                List.of(),
                false,
                now.scannedBytes(),
                run.elapsedMillis(),
                now.snapshots(),
                Map.of(),
                failure);
    }

    private static QueryException failure(QueryRun run, Throwable cause) {
        if (run.isCancelled()) {
            return new QueryException(SqlError.CANCELLED, "The query was cancelled", cause);
        }
        String message = String.valueOf(cause.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.startsWith("out of memory")) {
            return new QueryException(SqlError.OUT_OF_MEMORY, firstLine(message), cause);
        }
        if (!(cause instanceof SQLException) || lower.startsWith("internal error") || lower.startsWith("fatal error")) {
            log.atError()
                    .addKeyValue("errorCode", SqlError.INTERNAL.code())
                    .addKeyValue("queryId", run.id())
                    .setCause(cause)
                    .log("A query failed inside");
            return new QueryException(SqlError.INTERNAL, "The query failed inside: " + firstLine(message), cause);
        }
        return new QueryException(SqlError.FAILED, shortened(message), cause);
    }

    private static String firstLine(String message) {
        return shortened(message.lines().findFirst().orElse(""));
    }

    private static String shortened(String message) {
        return message.length() <= MESSAGE_CHARACTERS ? message : message.substring(0, MESSAGE_CHARACTERS) + "...";
    }

    private void keep(QueryRun run, QueryStatus status, long bytes) {
        synchronized (kept) {
            run.end(status, bytes);
            kept.put(run.id(), run);
            active.remove(run.id());
            keptBytes += bytes;
            while (kept.size() > limits.retainedResults() || keptBytes > limits.retainedBytes()) {
                QueryRun oldest = kept.values().iterator().next();
                kept.remove(oldest.id());
                keptBytes -= oldest.bytes();
            }
        }
    }

    /// Cancels what runs and waits a moment for it.
    @Override
    public void close() {
        threads.shutdown();
        try {
            for (QueryRun run : active.values()) {
                run.cancel();
            }
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                log.atWarn().log("Queries are still running at shutdown");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private record Result(
            List<TableDetail.Column> columns,
            List<List<@Nullable Object>> rows,
            boolean truncated,
            long bytes,
            long scannedBytes,
            Map<String, String> snapshots,
            Map<String, Map<String, SourcePosition>> completeTo) {
        static final Result NONE = new Result(List.of(), List.of(), false, 0, 0, Map.of(), Map.of());

        QueryStatus succeeded(QueryRun run) {
            return new QueryStatus(
                    run.id(),
                    QueryState.SUCCEEDED,
                    columns,
                    rows,
                    truncated,
                    scannedBytes,
                    run.elapsedMillis(),
                    snapshots,
                    completeTo,
                    null);
        }
    }
}
