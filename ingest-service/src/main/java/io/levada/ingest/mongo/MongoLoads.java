package io.levada.ingest.mongo;

import com.mongodb.ClientSessionOptions;
import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.ChunkRows;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadedChunk;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.TableShape;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loads of one source's collections, one after the other on a thread of their own, while the stream is captured.
///
/// A load is planned at the last published change, and every later change wins over its rows. Its steps are read with
/// no snapshot: a document that is read later than the plan shows changes that the stream brings too. Steps are
/// offered one by one, and a load that was cut off goes on with the next one. The last one is offered when the stream
/// has passed the end of the log after the read: then raw holds every change that the rows may show in part.
final class MongoLoads implements AutoCloseable {
    /// About as many documents in one step.
    static final long STEP_DOCUMENTS = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(MongoLoads.class);
    private static final Duration STREAM_WAIT = Duration.ofMinutes(10);
    private static final int BATCH = 2_000;

    private final MongoSource source;
    private final MongoServer server;
    private final SourceLog log;
    private final Map<SourceTable, CollectionColumns> collections;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final long stepDocuments;
    private final Thread thread;
    private final Object streamMoved = new Object();
    private CapturePosition streamed;
    private volatile boolean closed;

    MongoLoads(
            MongoSource source,
            MongoServer server,
            SourceLog log,
            Map<SourceTable, CollectionColumns> collections,
            LoadFiles files,
            CaptureProgress progress,
            long stepDocuments) {
        this.source = source;
        this.server = server;
        this.log = log;
        this.collections = collections;
        this.files = files;
        this.progress = progress;
        this.stepDocuments = stepDocuments;
        this.streamed = log.position().orElseThrow();
        this.thread = Thread.ofPlatform().name("load-" + source.name()).unstarted(this::run);
    }

    void start() {
        collections
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
                for (SourceTable table : collections.keySet()) {
                    if (!closed && !isLoaded(table) && !progress.hasFailed(table.lakeName())) {
                        load(table);
                    }
                }
                return;
            } catch (SQLException | RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.atWarn()
                        .addKeyValue("source", source.name())
                        .setCause(e)
                        .log("A load was interrupted; it goes on with the step that is missing");
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean isLoaded(SourceTable table) {
        return log.plan(table.lakeName()).map(LoadPlan::written).orElse(false) && !log.reloadWanted(table.lakeName());
    }

    private void load(SourceTable table) throws SQLException, InterruptedException {
        long documents = server.collection(table).estimatedDocumentCount();
        LoadPlan plan = plan(table, documents);
        progress.tableLoads(table.lakeName(), plan.generation(), documents);
        progress.stepsRead(table.lakeName(), plan.offered(), plan.chunks());
        CollectionSteps steps = CollectionSteps.parse(plan.layout());
        while (!plan.written() && !closed) {
            plan = step(table, plan, steps);
            progress.stepsRead(table.lakeName(), plan.offered(), plan.chunks());
        }
        if (plan.written()) {
            progress.tableLoaded(table.lakeName(), plan.generation());
        }
    }

    /// The stored plan where the load was cut off; else a new one, stored before anything is read.
    private LoadPlan plan(SourceTable table, long documents) {
        LoadPlan stored = log.plan(table.lakeName()).orElse(null);
        if (stored != null && stored.chunks() > 0 && !stored.written() && !log.reloadWanted(table.lakeName())) {
            return stored;
        }
        CapturePosition at = log.position().orElseThrow();
        CollectionSteps steps = CollectionSteps.of(server.collection(table), documents, stepDocuments);
        LoadPlan plan = (stored == null ? LoadPlan.wanted(table.lakeName(), 1, at.pos()) : stored.again())
                .inSteps(at.pos(), at.committed().stored(), steps.text(), 0, steps.count());
        log.storePlans(List.of(plan));
        return plan;
    }

    private LoadPlan step(SourceTable table, LoadPlan plan, CollectionSteps steps)
            throws SQLException, InterruptedException {
        int step = plan.offered();
        boolean last = step == plan.chunks() - 1;
        LoadedChunk loaded = read(table, plan, steps, step);
        Long completeAt = null;
        if (last) {
            CapturePosition passed = awaitStream(server.end());
            completeAt = passed.ends().get(SourceCapture.topic(source, table));
        }
        return offer(table, plan, chunk(table, plan, step, completeAt), loaded);
    }

    private LoadedChunk read(SourceTable table, LoadPlan plan, CollectionSteps steps, int step) throws SQLException {
        CollectionColumns columns = Objects.requireNonNull(collections.get(table));
        MongoPosition seen = (MongoPosition) log.position().orElseThrow().committed();
        LoadOrigin origin = new LoadOrigin(source.name(), chunk(table, plan, step, null), seen.text(), Instant.now());
        CollectionForm form = columns.known().form();
        try (ClientSession session = session(seen)) {
            return files.write(source, table, shape(form), origin, (target, quarantine, clock) -> {
                try (ChunkRows rows = new ChunkRows(
                        target,
                        quarantine,
                        clock,
                        origin,
                        (read, bytes) -> progress.rowsLoaded(table.lakeName(), read, bytes))) {
                    return new CollectionCopy(
                                    new DocumentRows(table, columns),
                                    form,
                                    wider -> files.target(source, table, shape(wider)))
                            .copy(documents(session, table, steps, step), rows);
                }
            });
        }
    }

    private FindIterable<BsonDocument> documents(
            ClientSession session, SourceTable table, CollectionSteps steps, int step) {
        FindIterable<BsonDocument> all =
                server.collection(table).find(session, BsonDocument.class).batchSize(BATCH);
        return steps.within(all, step);
    }

    /// What is read holds at least all that the stream has brought, whichever member answers.
    private ClientSession session(MongoPosition seen) {
        ClientSession session = server.client()
                .startSession(
                        ClientSessionOptions.builder().causallyConsistent(true).build());
        session.advanceOperationTime(new BsonTimestamp(seen.time()));
        return session;
    }

    private static TableShape shape(CollectionForm form) {
        return new TableShape(
                form.lakeColumns().stream()
                        .map(column -> new TableShape.Column(column.name(), "", column.type()))
                        .toList(),
                CollectionForm.KEY,
                false);
    }

    private LoadChunk chunk(SourceTable table, LoadPlan plan, int step, @Nullable Long completeAt) {
        return new LoadChunk(
                table.rawTable(source.name()), plan.generation(), step, plan.chunks(), plan.pos(), completeAt);
    }

    private CapturePosition awaitStream(MongoPosition end) throws InterruptedException {
        long deadline = System.nanoTime() + STREAM_WAIT.toNanos();
        synchronized (streamMoved) {
            while (!closed && System.nanoTime() < deadline) {
                if (((MongoPosition) streamed.committed()).holds(end.time())) {
                    return streamed;
                }
                streamMoved.wait(500);
            }
        }
        throw new IllegalStateException("The stream has not reached " + end.text());
    }

    private LoadPlan offer(SourceTable table, LoadPlan plan, LoadChunk chunk, LoadedChunk loaded) {
        FilesWritten event = FilesWritten.chunk(
                "load-" + source.name() + "-" + table.lakeName() + "-" + plan.generation() + "-" + UUID.randomUUID(),
                chunk.table(),
                loaded.schemaId(),
                loaded.files(),
                chunk);
        files.manifest(event, loaded.runId());
        FilesWritten quarantine = loaded.quarantine();
        LoadPlan after = plan.offered(1);
        log.offer(after, quarantine == null ? List.of(event) : List.of(quarantine, event));
        files.offered(event.table());
        progress.quarantined(loaded.quarantined());
        LOG.atInfo()
                .addKeyValue("table", event.table())
                .addKeyValue("generation", plan.generation())
                .log("Loaded {} documents, step {} of {}", loaded.rows(), after.offered(), plan.chunks());
        return after;
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
