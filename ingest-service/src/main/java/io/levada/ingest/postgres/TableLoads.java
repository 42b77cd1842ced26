package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.LoadBrake;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadReaders;
import io.levada.ingest.capture.LoadThread;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loads of one source's tables, while its log is captured.
///
/// All tables that wait are planned on one snapshot, whose place among the changes is known, and read in steps by a
/// bounded number of connections. A load that was cut off goes on with the first step that was not offered, from a
/// new snapshot. After trouble loads are tried again.
final class TableLoads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableLoads.class);
    private static final String WAITS = "Waiting for transactions that are open at the source, and for the stream";

    private final PostgresSource source;
    private final PostgresServer server;
    private final SourceLog log;
    private final LoadSessions sessions;
    private final PostgresTrouble trouble;
    private final LoadBrake brake = new LoadBrake();
    private final Map<SourceTable, TableShape> shapes;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final LoadThread thread;
    private volatile List<TableLoad> running = List.of();

    /// @param onKafkaTrouble ends the capture, as what is stored of the loads must be read again then
    TableLoads(
            PostgresSource source,
            PostgresServer server,
            SourceLog log,
            LoadSessions sessions,
            Map<SourceTable, TableShape> shapes,
            LoadFiles files,
            CaptureProgress progress,
            Runnable onKafkaTrouble) {
        this.source = source;
        this.server = server;
        this.log = log;
        this.sessions = sessions;
        this.trouble = new PostgresTrouble(server);
        this.shapes = new ConcurrentHashMap<>(shapes);
        this.files = files;
        this.progress = progress;
        this.thread = new LoadThread(source.name(), this::loadWaiting, onKafkaTrouble);
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

    private boolean loadWaiting() throws SQLException, InterruptedException {
        List<SourceTable> waiting = waiting();
        return waiting.isEmpty() || load(waiting);
    }

    private List<SourceTable> waiting() {
        return source.tables().stream()
                .filter(shapes::containsKey)
                .filter(table ->
                        !log.plan(table.lakeName()).map(LoadPlan::written).orElse(false)
                                || log.reloadWanted(table.lakeName()))
                .toList();
    }

    /// @return whether all of them are loaded now
    private boolean load(List<SourceTable> waiting) throws SQLException, InterruptedException {
        waiting.forEach(table -> progress.tableWaits(table.lakeName(), WAITS));
        LoadSession session = sessions.open();
        try (LoadSnapshot snapshot = session.snapshot()) {
            List<TableLoad> loads = plan(waiting, session);
            Queue<Step> steps = new ConcurrentLinkedQueue<>();
            for (TableLoad load : loads) {
                for (int step = load.steps().first(); step < load.steps().count(); step++) {
                    steps.add(new Step(load, step));
                }
            }
            running = List.copyOf(loads);
            int connections = Math.clamp(steps.size(), 1, source.load().connections());
            LoadReaders.run(source.name(), connections, () -> readSteps(steps, snapshot));
            return settle(loads) && loads.size() == waiting.size();
        }
    }

    private record Step(TableLoad load, int number) {}

    private List<TableLoad> plan(List<SourceTable> waiting, LoadSession session) throws SQLException {
        List<LoadPlan> changed = new ArrayList<>();
        List<SourceTable> rewritten = new ArrayList<>();
        List<TableLoad> loads = new ArrayList<>();
        try (Connection connection = session.snapshot().open()) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            for (SourceTable table : waiting) {
                TableShape shape = shapes.get(table);
                TableLayout layout = TableLayout.of(connection, table);
                if (shape == null || !layout.isReadable()) {
                    continue;
                }
                LoadPlan stored =
                        log.plan(table.lakeName()).orElseGet(() -> LoadPlan.wanted(table.lakeName(), 1, session.pos()));
                boolean isRewritten = stored.offered() > 0 && !layout.now().equals(stored.layout());
                if (isRewritten) {
                    rewritten.add(table);
                }
                if (isRewritten || log.reloadWanted(table.lakeName())) {
                    stored = stored.again();
                }
                LoadPlan plan = stored.offered() > 0
                        ? stored
                        : layout.plan(stored, session, source.load().chunkBytes(), version);
                if (plan != stored) {
                    changed.add(plan);
                }
                loads.add(new TableLoad(source, shape, plan, session, files, steps(table, plan, session)));
                progress.tableLoads(table.lakeName(), plan.generation(), layout.rows());
                progress.stepsRead(table.lakeName(), plan.offered(), plan.chunks());
            }
            if (!changed.isEmpty()) {
                // Else the watch would take the rewrite for news and have the table loaded once more.
                log.storePlans(
                        changed,
                        List.copyOf(TableForms.of(connection, rewritten).values()));
            }
        }
        return loads;
    }

    /// Rows of several snapshots make one state only together with the changes between them.
    private LoadedSteps steps(SourceTable table, LoadPlan plan, LoadSession session) {
        Long completeAt = plan.offered() == 0 ? null : session.place().ends().get(SourceCapture.topic(source, table));
        return new LoadedSteps(source, table, plan, log, files, progress, () -> completeAt);
    }

    private void readSteps(Queue<Step> steps, LoadSnapshot snapshot) throws SQLException, InterruptedException {
        try (Connection connection = snapshot.open()) {
            for (Step step = steps.poll(); step != null && !thread.isClosed(); step = steps.poll()) {
                TableLoad load = step.load();
                if (load.steps().failure() != null) {
                    continue;
                }
                brake.await(
                        trouble,
                        reason -> progress.tableWaits(load.steps().table().lakeName(), reason));
                try {
                    load.read(connection, step.number());
                    connection.commit();
                } catch (KafkaException e) {
                    running.forEach(other -> other.steps().fail(e));
                    throw e;
                } catch (SQLException | RuntimeException e) {
                    load.steps().fail(e);
                    connection.rollback();
                }
                snapshot.adopt(connection);
            }
        }
    }

    private boolean settle(List<TableLoad> loads) {
        boolean whole = true;
        for (TableLoad load : loads) {
            Exception failure = load.steps().failure();
            whole &= failure == null;
            if (failure == null || thread.isClosed()) {
                continue;
            }
            LOG.atWarn()
                    .addKeyValue("source", source.name())
                    .addKeyValue("table", load.steps().table().rawTable(source.name()))
                    .setCause(failure)
                    .log("A load was interrupted; it goes on with the first step that was not offered");
            progress.tableWaits(load.steps().table().lakeName(), String.valueOf(failure.getMessage()));
        }
        return whole;
    }

    @Override
    public void close() {
        thread.closing();
        sessions.close();
        IllegalStateException stopped = new IllegalStateException("Capture stops");
        running.forEach(load -> load.steps().fail(stopped));
        thread.close();
    }
}
