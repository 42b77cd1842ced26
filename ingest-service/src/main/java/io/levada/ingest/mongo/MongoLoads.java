package io.levada.ingest.mongo;

import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadReaders;
import io.levada.ingest.capture.LoadThread;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.StreamedPosition;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The loads of one source's collections, one after the other, while the stream is captured.
///
/// A load is planned at the last published change, and every later change wins over its rows. Its steps are
/// read with no snapshot: a document that is read later than the plan shows changes that the stream brings
/// too. Steps are offered one by one, and a load that was cut off goes on with the next one. The last one is
/// offered when the stream has passed the end of the log after the reads: then raw holds every change that
/// the rows may show in part.
final class MongoLoads implements AutoCloseable {
    private final MongoSource source;
    private final MongoServer server;
    private final SourceLog log;
    private final Map<SourceTable, CollectionColumns> collections;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final long stepDocuments;
    private final StreamedPosition stream;
    private final LoadThread thread;
    private volatile @Nullable LoadedSteps running;

    /// @param stepDocuments how many a step has, about; 0 where the definition's bytes say it
    /// @param onKafkaTrouble ends the capture, as what is stored of the loads must be read again then
    MongoLoads(
            MongoSource source,
            MongoServer server,
            SourceLog log,
            Map<SourceTable, CollectionColumns> collections,
            LoadFiles files,
            CaptureProgress progress,
            long stepDocuments,
            Runnable onKafkaTrouble) {
        this.source = source;
        this.server = server;
        this.log = log;
        this.collections = collections;
        this.files = files;
        this.progress = progress;
        this.stepDocuments = stepDocuments;
        this.stream = new StreamedPosition(log.position().orElseThrow());
        this.thread = new LoadThread(source.name(), this::loadAll, onKafkaTrouble);
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
        stream.reached(position);
    }

    private boolean loadAll() throws SQLException, InterruptedException {
        for (SourceTable table : collections.keySet()) {
            if (!thread.isClosed() && !isLoaded(table) && !progress.hasFailed(table.lakeName())) {
                load(table);
            }
        }
        return true;
    }

    private boolean isLoaded(SourceTable table) {
        return log.plan(table.lakeName()).map(LoadPlan::written).orElse(false) && !log.reloadWanted(table.lakeName());
    }

    private void load(SourceTable table) throws SQLException, InterruptedException {
        long documents = server.collection(table).estimatedDocumentCount();
        LoadPlan plan = plan(table, documents);
        progress.tableLoads(table.lakeName(), plan.generation(), documents);
        progress.stepsRead(table.lakeName(), plan.offered(), plan.chunks());
        LoadedSteps load = new LoadedSteps(source, table, plan, log, files, progress, () -> passed(table));
        running = load;
        if (thread.isClosed()) {
            return;
        }
        CollectionRead read = new CollectionRead(
                source,
                server,
                table,
                Objects.requireNonNull(collections.get(table)),
                CollectionSteps.parse(plan.layout()),
                files);
        Queue<Integer> steps = new ConcurrentLinkedQueue<>();
        for (int step = load.first(); step < load.count(); step++) {
            steps.add(step);
        }
        int connections = Math.clamp(steps.size(), 1, source.load().connections());
        LoadReaders.run(source.name(), connections, () -> readSteps(steps, read, load, plan.pos()));
    }

    private void readSteps(Queue<Integer> steps, CollectionRead read, LoadedSteps load, String pos)
            throws SQLException, InterruptedException {
        try {
            for (Integer step = steps.poll(); step != null && load.failure() == null; step = steps.poll()) {
                MongoPosition seen =
                        (MongoPosition) log.position().orElseThrow().committed();
                read.step(step, pos, seen, load);
            }
        } catch (SQLException | RuntimeException e) {
            load.fail(e);
            throw e;
        }
    }

    /// The stored plan where the load was cut off; else a new one, stored before anything is read.
    private LoadPlan plan(SourceTable table, long documents) {
        LoadPlan stored = log.plan(table.lakeName()).orElse(null);
        if (stored != null && stored.chunks() > 0 && !stored.written() && !log.reloadWanted(table.lakeName())) {
            return stored;
        }
        CapturePosition at = log.position().orElseThrow();
        CollectionSteps steps = steps(table, documents);
        LoadPlan plan = (stored == null ? LoadPlan.wanted(table.lakeName(), 1, at.pos()) : stored.again())
                .inSteps(at.pos(), at.committed().stored(), steps.text(), 0, steps.count());
        log.storePlans(List.of(plan));
        return plan;
    }

    /// The plan would hold `_id`s that nobody should see: where a rule hides them, there is one step.
    private CollectionSteps steps(SourceTable table, long documents) {
        if (table.rules().byColumn().containsKey(CollectionForm.ID)) {
            return new CollectionSteps(List.of());
        }
        long each = stepDocuments > 0
                ? stepDocuments
                : server.documentsOf(table, source.load().chunkBytes());
        return CollectionSteps.of(server.collection(table), documents, each);
    }

    private @Nullable Long passed(SourceTable table) throws InterruptedException {
        MongoPosition end = server.end();
        CapturePosition passed = stream.await(place -> ((MongoPosition) place).holds(end.time()), end.text());
        return passed.ends().get(SourceCapture.topic(source, table));
    }

    @Override
    public void close() {
        thread.closing();
        LoadedSteps load = running;
        if (load != null) {
            load.fail(new IllegalStateException("Capture stops"));
        }
        thread.close();
    }
}
