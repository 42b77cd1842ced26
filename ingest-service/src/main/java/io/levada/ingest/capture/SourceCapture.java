package io.levada.ingest.capture;

import io.levada.definition.DatabaseSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.SourceTable;
import io.levada.events.Topics;
import io.levada.ingest.Backoff;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures one database source until it is closed: loads its tables, and publishes its changes with the position in
/// one Kafka transaction.
///
/// Trouble outside (the server, Kafka or the catalog away) is retried with backoff and shown in [#status]. What only
/// an operator can mend is shown with the next step and looked at again from time to time, except a lost log, which
/// waits for an order. Orders are carried out between two runs.
public final class SourceCapture implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceCapture.class);
    private static final Duration REST_LOOK = Duration.ofSeconds(5);
    private static final Set<IngestError> LOG_LOST =
            EnumSet.of(IngestError.CAPTURE_SLOT_LOST, IngestError.CAPTURE_BINLOG_LOST, IngestError.CAPTURE_OPLOG_LOST);

    private final Settings settings;
    private final DatabaseCapture database;
    private final DatabaseSource source;
    private final CaptureProgress progress;
    private final SourceOperations operations;
    private final SourceOrders orders = new SourceOrders();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /// @param incarnation of the process, which has claimed the source
    /// @param topics of all sources
    /// @param quarantine when a source stops because of rows put aside
    public record Settings(
            String project,
            String bootstrapServers,
            Incarnation incarnation,
            ChangeTopics topics,
            QuarantinePolicy quarantine) {}

    /// @param quarantined counts the rows that loads put aside, and says how many there are of each table
    public SourceCapture(Settings settings, DatabaseCapture database, QuarantineCounts quarantined) {
        this.settings = settings;
        this.database = database;
        this.source = database.source();
        this.progress = new CaptureProgress(source, quarantined);
        this.operations = new SourceOperations(source, database.keeper());
        this.thread = Thread.ofPlatform().name("capture-" + source.name()).unstarted(this::run);
    }

    /// The topic of a table's changes.
    public static String topic(DatabaseSource source, SourceTable table) {
        return Topics.changes(source.name(), table.lakeName());
    }

    public void start() {
        thread.start();
    }

    public SourceStatus status() {
        return progress.status();
    }

    /// Gives an order, which is carried out as soon as the run has ended for it.
    ///
    /// @return what was done, or the [SourceProblem] that forbids it; cancelled where the source is closed first
    public CompletableFuture<String> order(SourceOrder order) {
        return orders.submit(order);
    }

    /// What the tables must hold before all that was in the source when capture started has passed.
    public SourceStatus.EndOfInput endOfInput() {
        return progress.endOfInput(settings.topics());
    }

    private void run() {
        Backoff backoff = new Backoff();
        while (closed.getCount() > 0) {
            long before = progress.changes();
            Duration pause;
            try {
                capture();
                backoff.reset();
                pause = backoff.next();
            } catch (SourceProblem problem) {
                progress.stopped(problem);
                LOG.atError()
                        .addKeyValue("source", source.name())
                        .addKeyValue("errorCode", problem.code().code())
                        .log("{} Next step: {}", problem.getMessage(), problem.nextStep());
                if (problem.code() == IngestError.CAPTURE_FENCED) {
                    orders.refuse(problem);
                    return;
                }
                if (LOG_LOST.contains(problem.code())) {
                    rest();
                }
                pause = Backoff.LONGEST;
            } catch (Exception e) {
                if (closed.getCount() == 0) {
                    return;
                }
                if (progress.changes() > before) {
                    backoff.reset();
                }
                pause = backoff.next();
                SourceTrouble trouble = SourceTrouble.of(e);
                progress.retrying(trouble);
                LOG.atWarn()
                        .addKeyValue("source", source.name())
                        .addKeyValue("errorCode", trouble.code().code())
                        .setCause(e)
                        .log("Capture was interrupted; trying again in {} ms", pause.toMillis());
            }
            await(pause);
        }
    }

    private void capture() throws SQLException, IOException, InterruptedException {
        progress.connecting();
        leaveToSuccessor();
        SourceControl control;
        try (SourceLog log = SourceLog.open(settings.bootstrapServers(), settings.project(), source.name())) {
            log.present(source.tables().stream().map(SourceTable::lakeName).collect(Collectors.toSet()));
            operations.carryOut(orders, log);
            control = log.control();
            progress.controlled(control, log.position().orElse(null));
            if (control.stopped() == null) {
                operations.noteRemovedTables(log);
                capture(log);
            }
        }
        if (control.stopped() != null) {
            rest();
        }
    }

    private void capture(SourceLog log) throws SQLException, IOException, InterruptedException {
        QuarantineWatch quarantine =
                new QuarantineWatch(source.name(), settings.quarantine(), progress, orders::submit);
        try {
            database.run(new CaptureRun(log, progress, orders, quarantine));
        } catch (SQLException | IOException | RuntimeException e) {
            log.abort();
            throw e;
        }
    }

    private void leaveToSuccessor() {
        settings.incarnation()
                .successor(Incarnation.source(settings.project(), source.name()))
                .ifPresent(successor -> {
                    throw new SourceProblem(
                            IngestError.CAPTURE_FENCED,
                            "Another process captures source " + source.name() + " of project " + settings.project()
                                    + " now: " + successor.process(),
                            "Stop this process, or start it again to take the source back");
                });
    }

    /// Reads nothing until there is an order.
    private void rest() {
        while (closed.getCount() > 0 && !orders.waiting()) {
            try {
                database.lookAtRest(progress);
            } catch (SQLException e) {
                LOG.atDebug().addKeyValue("source", source.name()).setCause(e).log("The source can not be asked now");
            }
            await(REST_LOOK);
        }
    }

    private void await(Duration longest) {
        try {
            orders.await(longest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        orders.close();
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
