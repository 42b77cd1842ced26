package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loads of one MariaDB or MySQL source's tables, one after the other on a thread of their own, while the log is
/// captured.
///
/// A load is planned at the last published change, and every later change wins over its rows. It reads a snapshot that
/// holds at least all that is published, and is offered when the stream has passed the end of the log after the read:
/// then raw holds every change that the snapshot may have missed. A load that a crash cut off is made again as a new
/// generation.
final class BinlogLoads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BinlogLoads.class);
    private static final Duration STREAM_WAIT = Duration.ofMinutes(10);
    private static final Duration SNAPSHOT_LOOK = Duration.ofMillis(20);

    private final BinlogSource source;
    private final BinlogServer server;
    private final SourceLog log;
    private final Map<SourceTable, BinlogChecks.Described> described;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final Thread thread;
    private final Object streamMoved = new Object();
    private CapturePosition streamed;
    private volatile boolean closed;

    BinlogLoads(
            BinlogServer server,
            SourceLog log,
            Map<SourceTable, BinlogChecks.Described> described,
            LoadFiles files,
            CaptureProgress progress) {
        this.source = server.source();
        this.server = server;
        this.log = log;
        this.described = described;
        this.files = files;
        this.progress = progress;
        this.streamed = log.position().orElseThrow();
        this.thread = Thread.ofPlatform().name("load-" + source.name()).unstarted(this::run);
    }

    void start() {
        described
                .keySet()
                .forEach(table -> log.plan(table.lakeName())
                        .filter(LoadPlan::written)
                        .ifPresent(done -> progress.tableLoaded(table.lakeName(), done.generation())));
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
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void loadAll() throws SQLException, InterruptedException {
        for (SourceTable table : described.keySet()) {
            boolean written = log.plan(table.lakeName()).map(LoadPlan::written).orElse(false)
                    && !log.reloadWanted(table.lakeName());
            if (closed) {
                return;
            }
            if (!written && !progress.hasFailed(table.lakeName())) {
                load(table);
            }
        }
    }

    private void load(SourceTable table) throws SQLException, InterruptedException {
        CapturePosition at = log.position().orElseThrow();
        LoadPlan load = log.plan(table.lakeName())
                .map(LoadPlan::again)
                .orElseGet(() -> LoadPlan.wanted(table.lakeName(), 1, at.pos()))
                .whole(at.pos());
        log.storePlans(List.of(load));
        LoadedChunk loaded;
        BinlogPosition end;
        try (Connection connection = server.connect()) {
            BinlogPosition seen = snapshotFrom(connection, (BinlogPosition) at.committed());
            loaded = read(table, load, connection, seen);
            end = server.end(connection);
        }
        CapturePosition passed = awaitStream(end);
        offer(table, load, loaded, passed.ends().get(SourceCapture.topic(source, table)));
    }

    /// A transaction stands in the log a moment before others can see what it wrote: a snapshot from before such a
    /// moment is dropped.
    private BinlogPosition snapshotFrom(Connection connection, BinlogPosition published)
            throws SQLException, InterruptedException {
        BinlogPosition seen = server.beginSnapshot(connection);
        while (published.isAfter(seen) && !closed) {
            connection.createStatement().execute("ROLLBACK");
            Thread.sleep(SNAPSHOT_LOOK);
            seen = server.beginSnapshot(connection);
        }
        return seen;
    }

    private LoadedChunk read(SourceTable table, LoadPlan load, Connection connection, BinlogPosition seen)
            throws SQLException {
        BinlogChecks.Described description = Objects.requireNonNull(described.get(table));
        TableShape shape = description.shape();
        RuledValues rules = new RuledValues(table.rules());
        progress.tableLoads(table.lakeName(), load.generation(), 0);
        List<QueryCopy.Column> columns = shape.columns().stream()
                .map(column -> BinlogColumns.read(column, description, rules))
                .toList();
        LoadOrigin origin = new LoadOrigin(source.name(), chunk(table, load, null), seen.text(), Instant.now());
        return files.write(source, table, shape, origin, (target, quarantine, clock) -> {
            try (ChunkRows rows = new ChunkRows(
                    target,
                    quarantine,
                    clock,
                    origin,
                    (read, bytes) -> progress.rowsLoaded(table.lakeName(), read, bytes))) {
                return new QueryCopy(connection, columns, target.schema()).copy(BinlogServer.quotedName(table), rows);
            }
        });
    }

    private LoadChunk chunk(SourceTable table, LoadPlan load, @Nullable Long completeAt) {
        return new LoadChunk(table.rawTable(source.name()), load.generation(), 0, 1, load.pos(), completeAt);
    }

    private CapturePosition awaitStream(BinlogPosition end) throws InterruptedException {
        long deadline = System.nanoTime() + STREAM_WAIT.toNanos();
        synchronized (streamMoved) {
            while (!closed) {
                if (!end.isAfter(streamed.committed())) {
                    return streamed;
                }
                if (System.nanoTime() > deadline) {
                    break;
                }
                streamMoved.wait(500);
            }
        }
        throw new IllegalStateException("The stream has not reached " + end.text());
    }

    private void offer(SourceTable table, LoadPlan load, LoadedChunk loaded, @Nullable Long completeAt) {
        FilesWritten event = FilesWritten.chunk(
                "load-" + source.name() + "-" + table.lakeName() + "-" + load.generation() + "-" + UUID.randomUUID(),
                table.rawTable(source.name()),
                loaded.schemaId(),
                loaded.files(),
                chunk(table, load, completeAt));
        files.manifest(event, loaded.runId());
        FilesWritten quarantine = loaded.quarantine();
        log.offer(load.offered(1), quarantine == null ? List.of(event) : List.of(quarantine, event));
        files.offered(event.table());
        progress.tableLoaded(table.lakeName(), load.generation());
        progress.quarantined(loaded.quarantined());
        LOG.atInfo()
                .addKeyValue("table", event.table())
                .addKeyValue("generation", load.generation())
                .log("Loaded {} rows", loaded.rows());
    }

    private void pause() {
        synchronized (streamMoved) {
            try {
                streamMoved.wait(2_000);
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
