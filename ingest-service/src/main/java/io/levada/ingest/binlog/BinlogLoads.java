package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.LoadBrake;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LoadPlan;
import io.levada.ingest.capture.LoadReaders;
import io.levada.ingest.capture.LoadThread;
import io.levada.ingest.capture.LoadedSteps;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.StreamedPosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loads of one MariaDB or MySQL source's tables, while the log is captured.
///
/// A table is read in steps, ranges of its key, by a bounded number of connections. Each step is read from a
/// snapshot whose place among the changes is known, and its rows are the state there. Changes hold whole
/// rows, so rows that move between steps, or come and go, are set right by the changes after the first step's
/// place. Steps are offered in order; a load that was cut off goes on with the first step that was not
/// offered. The last one is offered when the stream has passed the end of the log after all reads: so it is
/// right for tables without snapshots too.
final class BinlogLoads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BinlogLoads.class);
    private static final String WAITS = "Waiting for the stream to reach the end of the log";

    private final BinlogSource source;
    private final BinlogServer server;
    private final BinlogChecks checks;
    private final SourceLog log;
    private final Collection<SourceTable> tables;
    private final LoadFiles files;
    private final CaptureProgress progress;
    private final BinlogPlaces places;
    private final StreamedPosition stream;
    private final BinlogTrouble trouble;
    private final LoadBrake brake = new LoadBrake();
    private final LoadThread thread;
    private final List<TableRead> running = new CopyOnWriteArrayList<>();

    /// @param tables those that are captured
    /// @param onKafkaTrouble ends the capture, as what is stored of the loads must be read again then
    BinlogLoads(
            BinlogServer server,
            BinlogChecks checks,
            SourceLog log,
            Collection<SourceTable> tables,
            LoadFiles files,
            CaptureProgress progress,
            BinlogPlaces places,
            Runnable onKafkaTrouble) {
        this.source = server.source();
        this.server = server;
        this.checks = checks;
        this.log = log;
        this.tables = List.copyOf(tables);
        this.files = files;
        this.progress = progress;
        this.places = places;
        this.stream = new StreamedPosition(log.position().orElseThrow());
        this.trouble = new BinlogTrouble(server, stream);
        this.thread = new LoadThread(source.name(), this::loadWaiting, onKafkaTrouble);
    }

    void start() {
        tables.forEach(table -> log.plan(table.lakeName())
                .filter(LoadPlan::written)
                .ifPresent(done -> log.reloadReason(table.lakeName())
                        .ifPresentOrElse(
                                reason -> progress.tableWaits(table.lakeName(), "Loaded again: " + reason),
                                () -> progress.tableLoaded(table.lakeName(), done.generation()))));
        thread.start();
    }

    void streamReached(CapturePosition position) {
        stream.reached(position);
    }

    private boolean loadWaiting() throws SQLException, InterruptedException {
        List<SourceTable> waiting = tables.stream()
                .filter(table -> !isLoaded(table) && !progress.hasFailed(table.lakeName()))
                .toList();
        if (waiting.isEmpty()) {
            return true;
        }
        running.clear();
        waiting.forEach(table -> progress.tableWaits(table.lakeName(), WAITS));
        try (Connection planning = server.connect()) {
            // A snapshot is kept until the stream has come to its place, so the stream comes near first.
            BinlogPosition end = server.place(planning);
            stream.await(place -> !end.isAfter(place), end.text());
            int readers = source.load().connections();
            try (BinlogSnapshots snapshots = BinlogSnapshots.open(server, places, readers)) {
                StepQueue steps = new StepQueue(waiting.iterator(), table -> begin(planning, table));
                LoadReaders.run(source.name(), readers, () -> readSteps(steps, snapshots));
            }
        }
        return settle();
    }

    private boolean isLoaded(SourceTable table) {
        return log.plan(table.lakeName()).map(LoadPlan::written).orElse(false) && !log.reloadWanted(table.lakeName());
    }

    private void readSteps(StepQueue steps, BinlogSnapshots snapshots) throws SQLException, InterruptedException {
        BinlogSnapshots.Reader reader = snapshots.take();
        while (!thread.isClosed()) {
            brake.await(
                    () -> trouble.reason(reader.connection()),
                    reason -> steps.unfinished().ifPresent(table -> progress.tableWaits(table.lakeName(), reason)));
            StepQueue.Taken taken = steps.take(() -> snapshots.next(reader)).orElse(null);
            if (taken == null) {
                return;
            }
            TableRead step = taken.table();
            try {
                TableRead.Read read = step.read(reader.connection(), taken.step(), taken.seen());
                snapshots.done(reader);
                step.offer(read);
            } catch (KafkaException e) {
                running.forEach(other -> other.steps().fail(e));
                throw e;
            } catch (SourceProblem problem) {
                step.steps().fail(problem);
                progress.tableFailed(step.steps().table().lakeName(), problem);
            } catch (SQLException | RuntimeException e) {
                step.steps().fail(e);
                if (!reader.connection().isValid(1)) {
                    throw e;
                }
            }
        }
    }

    /// Plans the load of a table; empty where it can not be captured now.
    private Optional<TableRead> begin(Connection connection, SourceTable table) throws SQLException {
        BinlogChecks.Described described;
        try {
            described = checks.describe(connection, table);
        } catch (SourceProblem problem) {
            progress.tableFailed(table.lakeName(), problem);
            return Optional.empty();
        }
        KeySteps.Size size = KeySteps.Size.of(connection, table);
        LoadPlan plan = resumed(table, described).orElse(null);
        if (plan == null) {
            progress.tableWaits(table.lakeName(), "Cutting the table into steps by its key");
            plan = planned(
                    table,
                    KeySteps.of(
                            connection, table, described, size, source.load().chunkBytes()));
        }
        progress.tableLoads(table.lakeName(), plan.generation(), size.rows());
        progress.stepsRead(table.lakeName(), plan.offered(), plan.chunks());
        LoadedSteps steps = new LoadedSteps(source, table, plan, log, files, progress, () -> passed(table));
        TableRead read = new TableRead(source, checks, places, stream, files, KeySteps.parse(plan.layout()), steps);
        running.add(read);
        return Optional.of(read);
    }

    /// The stored plan where steps of it are offered and the others can still be read.
    private Optional<LoadPlan> resumed(SourceTable table, BinlogChecks.Described described) {
        return log.plan(table.lakeName())
                .filter(plan -> plan.offered() > 0
                        && !plan.written()
                        && !log.reloadWanted(table.lakeName())
                        && KeySteps.parse(plan.layout()).fit(described));
    }

    /// A new plan, stored before anything is read; of the same generation where nothing of that was offered.
    private LoadPlan planned(SourceTable table, KeySteps steps) {
        CapturePosition at = stream.now();
        LoadPlan stored = log.plan(table.lakeName())
                .map(plan -> plan.offered() > 0 || log.reloadWanted(table.lakeName()) ? plan.again() : plan)
                .orElseGet(() -> LoadPlan.wanted(table.lakeName(), 1, at.pos()));
        LoadPlan plan = stored.inSteps(at.pos(), at.committed().text(), steps.text(), 0, steps.count());
        log.storePlans(List.of(plan));
        return plan;
    }

    private @Nullable Long passed(SourceTable table) throws SQLException, InterruptedException {
        try (Connection connection = server.connect()) {
            BinlogPosition end = server.place(connection);
            CapturePosition passed = stream.await(place -> !end.isAfter(place), end.text());
            return passed.ends().get(SourceCapture.topic(source, table));
        }
    }

    private boolean settle() {
        boolean whole = true;
        List<TableRead> ended = new ArrayList<>(running);
        for (TableRead load : ended) {
            Exception failure = load.steps().failure();
            whole &= failure == null || failure instanceof SourceProblem;
            if (failure == null || failure instanceof SourceProblem || thread.isClosed()) {
                continue;
            }
            SourceTable table = load.steps().table();
            LOG.atWarn()
                    .addKeyValue("source", source.name())
                    .addKeyValue("table", table.rawTable(source.name()))
                    .setCause(failure)
                    .log("A load was interrupted; it goes on with the first step that was not offered");
            progress.tableWaits(table.lakeName(), String.valueOf(failure.getMessage()));
        }
        return whole;
    }

    @Override
    public void close() {
        thread.closing();
        IllegalStateException stopped = new IllegalStateException("Capture stops");
        running.forEach(load -> load.steps().fail(stopped));
        thread.close();
    }
}
