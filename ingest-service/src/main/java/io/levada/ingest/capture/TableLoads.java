package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.ingest.snapshot.LoadedTable;
import io.levada.ingest.snapshot.TableCopy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The initial loads of one source's tables, one after the other on a thread of their own, while the log is captured.
///
/// The first load of every table reads the snapshot of the slot's position S: the stream holds exactly what came after
/// it. A
/// load that a crash cut off is made again as a new generation from a new snapshot: it is planned at the last published
/// change, waits for the transactions that are open then, and is offered only when the stream has passed the end of the
/// log
/// at the time of reading (H).
final class TableLoads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableLoads.class);
    private static final Duration STREAM_WAIT = Duration.ofMinutes(10);
    private static final Duration TRANSACTION_LOOK = Duration.ofMillis(200);

    private final PostgresSource source;
    private final PostgresServer server;
    private final SourceLog log;
    private final SourcePlan plan;
    private final Map<SourceTable, TableShape> shapes;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final Thread thread;
    private final Object streamMoved = new Object();
    private @Nullable CapturePosition streamed;
    private volatile boolean closed;

    TableLoads(
            PostgresSource source,
            PostgresServer server,
            SourceLog log,
            SourcePlan plan,
            Map<SourceTable, TableShape> shapes,
            LoadFiles files,
            CaptureProgress progress) {
        this.source = source;
        this.server = server;
        this.log = log;
        this.plan = plan;
        this.shapes = shapes;
        this.files = files;
        this.progress = progress;
        this.thread = Thread.ofPlatform().name("load-" + source.name()).unstarted(this::run);
    }

    void start() {
        shapes.keySet()
                .forEach(table -> log.plan(table.lakeName())
                        .filter(LoadPlan::written)
                        .ifPresent(done -> log.reloadReason(table.lakeName())
                                .ifPresentOrElse(
                                        reason -> progress.tableWaits(table.lakeName(), "Loaded again: " + reason),
                                        () -> progress.tableLoaded(table.lakeName(), done.generation()))));
        thread.start();
    }

    void streamReached(CapturePosition position) {
        synchronized (streamMoved) {
            streamed = position;
            streamMoved.notifyAll();
        }
    }

    private void run() {
        while (!closed) {
            try {
                loadAll();
                return;
            } catch (SQLException | RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.atWarn()
                        .addKeyValue("source", source.name())
                        .setCause(e)
                        .log("A load was interrupted; the table is loaded again");
                pause(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void loadAll() throws SQLException, InterruptedException {
        List<SourceTable> missing = shapes.keySet().stream()
                .filter(table ->
                        !log.plan(table.lakeName()).map(LoadPlan::written).orElse(false)
                                || log.reloadWanted(table.lakeName()))
                .filter(table -> !progress.hasFailed(table.lakeName()))
                .toList();
        for (SourceTable table : missing) {
            if (closed) {
                return;
            }
            LoadPlan stored = log.plan(table.lakeName()).orElse(null);
            if (plan.hasSnapshot()
                    && stored != null
                    && stored.generation() == 1
                    && !log.reloadWanted(table.lakeName())
                    && !progress.wasStarted(table.lakeName())) {
                fromSlotSnapshot(table, stored);
            } else {
                fromNewSnapshot(table, stored);
            }
        }
    }

    private void fromSlotSnapshot(SourceTable table, LoadPlan load) throws SQLException {
        try (Connection connection = reading()) {
            long position = plan.adopt(connection);
            offer(table, load, read(table, load, connection, position), null);
        }
    }

    private void fromNewSnapshot(SourceTable table, @Nullable LoadPlan stored)
            throws SQLException, InterruptedException {
        String pos = log.position().orElseThrow().pos();
        LoadPlan load = stored == null ? new LoadPlan(table.lakeName(), 1, pos, false) : stored.again(pos);
        log.storePlan(load);
        awaitOpenTransactions(table);
        LoadedTable loaded;
        long end;
        try (Connection connection = reading()) {
            loaded = read(table, load, connection, server.currentLsn(connection));
            end = server.currentLsn(connection);
        }
        CapturePosition passed = awaitStream(end);
        offer(table, load, loaded, passed.ends().get(DatabaseCapture.topic(source, table)));
    }

    /// Waits until every transaction has ended that was open when the load was planned: what they wrote before the
    /// plan's
    /// position is in the snapshot then.
    private void awaitOpenTransactions(SourceTable table) throws SQLException, InterruptedException {
        try (Connection connection = server.connect()) {
            long open = Long.parseLong(
                    PostgresServer.text(connection, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
                            .orElseThrow());
            while (!closed
                    && Long.parseLong(PostgresServer.text(
                                            connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
                                    .orElseThrow())
                            < open) {
                progress.tableWaits(table.lakeName(), "Waiting for transactions that are open at the source");
                Thread.sleep(TRANSACTION_LOOK);
            }
        }
    }

    private CapturePosition awaitStream(long end) throws SQLException, InterruptedException {
        try (Connection connection = server.connect()) {
            server.emitMessage(connection, PostgresLog.MESSAGE_PREFIX, "load");
        }
        long deadline = System.nanoTime() + STREAM_WAIT.toNanos();
        synchronized (streamMoved) {
            while (!closed) {
                CapturePosition now = streamed;
                if (now != null && Long.compareUnsigned(now.commitLsn(), end) >= 0) {
                    return now;
                }
                if (System.nanoTime() > deadline) {
                    break;
                }
                streamMoved.wait(500);
            }
        }
        throw new IllegalStateException("The stream has not reached " + PostgresServer.lsnText(end));
    }

    private Connection reading() throws SQLException {
        Connection connection = server.connect();
        try (Statement statement = connection.createStatement()) {
            PostgresServer.fixTextForms(connection);
            statement.execute("SET statement_timeout = 0");
            statement.execute("SET idle_in_transaction_session_timeout = 0");
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private LoadedTable read(SourceTable table, LoadPlan load, Connection connection, long position)
            throws SQLException {
        TableShape shape = shapes.get(table);
        if (shape == null) {
            throw new IllegalStateException("Table " + table.qualifiedName() + " has no shape");
        }
        progress.tableLoads(table.lakeName(), load.generation());
        return files.write(
                source,
                table,
                shape,
                connection,
                new TableCopy.Origin(
                        source.name(),
                        table.rawTable(source.name()),
                        load.generation(),
                        load.pos(),
                        PostgresServer.lsnText(position),
                        Instant.now()),
                rows -> progress.rowsLoaded(table.lakeName(), rows));
    }

    private void offer(SourceTable table, LoadPlan load, LoadedTable loaded, @Nullable Long completeAt) {
        FilesWritten event = FilesWritten.chunk(
                "load-" + source.name() + "-" + table.lakeName() + "-" + load.generation() + "-" + UUID.randomUUID(),
                table.rawTable(source.name()),
                loaded.schemaId(),
                loaded.files(),
                new LoadChunk(table.rawTable(source.name()), load.generation(), 0, 1, load.pos(), completeAt));
        files.manifest(event, loaded.runId());
        FilesWritten quarantine = loaded.quarantine();
        log.offer(load, quarantine == null ? List.of(event) : List.of(quarantine, event));
        files.offered(event.table());
        progress.tableLoaded(table.lakeName(), load.generation());
        progress.quarantined(loaded.quarantined());
        LOG.atInfo()
                .addKeyValue("table", event.table())
                .addKeyValue("generation", load.generation())
                .log("Loaded {} rows", loaded.rows());
        loaded.quarantined()
                .forEach((kind, rows) -> LOG.atWarn()
                        .addKeyValue("table", kind.table())
                        .addKeyValue("errorCode", kind.code())
                        .log("{} rows of the load are in quarantine", rows));
    }

    private void pause(Duration duration) {
        synchronized (streamMoved) {
            try {
                streamMoved.wait(duration.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
