package io.levada.ingest.capture;

import io.levada.definition.BinlogSource;
import io.levada.definition.QuarantinePolicy;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures one MariaDB or MySQL source: plans it, loads its tables, and publishes its changes, until it is closed.
///
/// Trouble is retried or shown, and orders are carried out, as [PostgresCapture] does it.
public final class BinlogCapture implements DatabaseCapture {
    private static final Logger LOG = LoggerFactory.getLogger(BinlogCapture.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(15);
    private static final Duration REST_LOOK = Duration.ofSeconds(5);

    private final String project;
    private final BinlogSource source;
    private final String bootstrapServers;
    private final ChangeTopics topics;
    private final SchemaRegistry registry;
    private final QueryLoadFiles files;
    private final BinlogServer server;
    private final BinlogChecks checks;
    private final CaptureProgress progress;
    private final QuarantinePolicy quarantine;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final SourceOperations operations;
    private final SourceOrders orders = new SourceOrders();
    private final Thread thread;

    /// @param files writes what a load reads
    /// @param quarantined counts the rows that loads put aside, and says how many there are of each table
    /// @param quarantine when the source stops because of them
    public BinlogCapture(
            String project,
            BinlogSource source,
            String bootstrapServers,
            ChangeTopics topics,
            SchemaRegistry registry,
            QueryLoadFiles files,
            QuarantineCounts quarantined,
            QuarantinePolicy quarantine) {
        this.quarantine = quarantine;
        this.project = project;
        this.source = source;
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.registry = registry;
        this.files = files;
        this.server = new BinlogServer(project, source);
        this.checks = new BinlogChecks(source);
        this.operations = new SourceOperations(source, new BinlogKeeper(server));
        this.progress = new CaptureProgress(source, quarantined);
        this.thread = Thread.ofPlatform().name("capture-" + source.name()).unstarted(this::run);
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public SourceStatus status() {
        return progress.status();
    }

    @Override
    public CompletableFuture<String> order(SourceOrder order) {
        return orders.submit(order);
    }

    @Override
    public SourceStatus.EndOfInput endOfInput() {
        return progress.endOfInput(topics);
    }

    private void run() {
        Duration backoff = FIRST_BACKOFF;
        while (closed.getCount() > 0) {
            long before = progress.changes();
            try {
                capture();
                backoff = FIRST_BACKOFF;
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
                if (problem.code() == IngestError.CAPTURE_BINLOG_LOST) {
                    rest();
                }
                backoff = LAST_BACKOFF;
            } catch (Exception e) {
                if (closed.getCount() == 0) {
                    return;
                }
                backoff = progress.changes() > before ? FIRST_BACKOFF : backoff;
                progress.retrying(e);
                LOG.atWarn()
                        .addKeyValue("source", source.name())
                        .addKeyValue("errorCode", IngestError.CAPTURE_SOURCE_AWAY.code())
                        .setCause(e)
                        .log("Capture was interrupted; trying again in {} ms", backoff.toMillis());
            }
            pause(backoff);
            Duration doubled = backoff.multipliedBy(2);
            backoff = doubled.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : doubled;
        }
    }

    /// Reads nothing until there is an order.
    private void rest() {
        while (closed.getCount() > 0 && !orders.waiting()) {
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

    private void pause(Duration backoff) {
        long jitter = ThreadLocalRandom.current().nextLong(backoff.toMillis() / 4 + 1);
        await(backoff.plusMillis(jitter));
    }

    private void capture() throws SQLException, IOException {
        progress.connecting();
        SourceControl control;
        try (SourceLog log = SourceLog.open(bootstrapServers, project, source.name())) {
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

    private void capture(SourceLog log) throws SQLException, IOException {
        Map<SourceTable, BinlogChecks.Described> described = new LinkedHashMap<>();
        Map<Integer, String> collations;
        boolean foldNames;
        try (Connection connection = server.connect()) {
            checks.server(connection);
            describe(connection, described);
            collations = BinlogServer.collations(connection);
            foldNames = !BinlogServer.setting(connection, "lower_case_table_names")
                    .orElse("0")
                    .equals("0");
        }
        CapturePosition from = plan(log);
        try (BinlogLoads loads = new BinlogLoads(server, log, described, files, progress)) {
            BinlogPublisher publisher = new BinlogPublisher(
                    source, log, from, tables(described, collations), foldNames, (position, changes) -> {
                        progress.published(position, changes);
                        loads.streamReached(position);
                    });
            progress.streaming(from);
            loads.start();
            stream(log, from, publisher);
        }
    }

    private void describe(Connection connection, Map<SourceTable, BinlogChecks.Described> described)
            throws SQLException {
        List<SourceProblem> problems = new ArrayList<>();
        for (SourceTable table : source.tables()) {
            try {
                described.put(table, checks.describe(connection, table));
            } catch (SourceProblem problem) {
                problems.add(problem);
                progress.tableFailed(table.lakeName(), problem);
            }
        }
        if (described.isEmpty()) {
            throw problems.getFirst();
        }
    }

    /// Where the source is read from: the first time the log's end, stored before anything is read; later the stored
    /// position, after a check that the server still holds it and that it is the same log.
    private CapturePosition plan(SourceLog log) throws SQLException {
        Optional<CapturePosition> stored = log.position();
        try (Connection connection = server.connect()) {
            if (stored.isPresent()) {
                verify(connection, (BinlogPosition) stored.get().committed());
                return stored.get();
            }
            CapturePosition start = CapturePosition.startingAt(server.end(connection));
            log.storePlan(start, List.of());
            LOG.atInfo()
                    .addKeyValue("source", source.name())
                    .addKeyValue("position", start.committed().text())
                    .log("Source is planned");
            return start;
        }
    }

    private void verify(Connection connection, BinlogPosition stored) throws SQLException {
        server.lost(connection, stored).ifPresent(reason -> {
            throw new SourceProblem(
                    IngestError.CAPTURE_BINLOG_LOST,
                    "The binary log of source " + source.name() + " does not hold what follows " + stored.text() + " ("
                            + reason + "): changes are missing",
                    BinlogReader.repair(source));
        });
    }

    private Map<String, BinlogTable> tables(
            Map<SourceTable, BinlogChecks.Described> described, Map<Integer, String> collations)
            throws IOException {
        Map<String, BinlogTable> tables = new HashMap<>();
        for (Map.Entry<SourceTable, BinlogChecks.Described> entry : described.entrySet()) {
            SourceTable table = entry.getKey();
            tables.put(
                    table.qualifiedName(),
                    new BinlogTable(
                            table,
                            DatabaseCapture.topic(source, table),
                            registry,
                            new BinlogValues(collations, new RuledValues(table.rules())),
                            entry.getValue(),
                            () -> {
                                try (Connection connection = server.connect()) {
                                    return checks.describe(connection, table);
                                }
                            }));
        }
        return tables;
    }

    private void stream(SourceLog log, CapturePosition from, BinlogPublisher publisher) throws IOException {
        BinlogReader reader =
                new BinlogReader(server, (BinlogPosition) from.committed(), publisher, orders::calling);
        try (BinlogCare care = new BinlogCare(
                server,
                progress,
                publisher,
                reader,
                new QuarantineWatch(source.name(), quarantine, progress, this::order))) {
            care.start();
            reader.run();
        } catch (IOException | RuntimeException e) {
            if (log.abort()) {
                throw fenced();
            }
            throw e;
        }
    }

    private SourceProblem fenced() {
        return new SourceProblem(
                IngestError.CAPTURE_FENCED,
                "Another process captures source " + source.name() + " of project " + project + " now",
                "Stop one of the two");
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
