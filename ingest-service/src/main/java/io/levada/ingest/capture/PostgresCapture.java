package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures one PostgreSQL source: plans it, loads its tables, and publishes its changes, until it is closed.
///
/// Trouble outside (the server, Kafka or the catalog away) is retried with backoff and shown in [#status]. What only
/// an operator can mend is shown with the statement that mends it and looked at again from time to time, except a
/// lost log, which waits for an order. Orders are carried out between two runs of the log reader. A row with a value
/// that the lake can not hold goes to quarantine.
public final class PostgresCapture implements DatabaseCapture {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCapture.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(15);
    private static final Duration CARE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration REST_LOOK = Duration.ofSeconds(5);

    private final String project;
    private final PostgresSource source;
    private final String bootstrapServers;
    private final ChangeTopics topics;
    private final SchemaRegistry registry;
    private final LoadFiles files;
    private final QuarantinePolicy quarantine;
    private final PostgresServer server;
    private final CaptureProgress progress;
    private final SourceOperations operations;
    private final SourceOrders orders = new SourceOrders();
    private final String marker = "end-of-input-" + UUID.randomUUID();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable PostgresLog following;

    /// @param files writes what a load reads
    /// @param quarantined counts the rows that loads put aside, and says how many there are of each table
    /// @param quarantine when the source stops because of them
    public PostgresCapture(
            String project,
            PostgresSource source,
            String bootstrapServers,
            ChangeTopics topics,
            SchemaRegistry registry,
            LoadFiles files,
            QuarantineCounts quarantined,
            QuarantinePolicy quarantine) {
        this.quarantine = quarantine;
        this.project = project;
        this.source = source;
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.registry = registry;
        this.files = files;
        this.server = new PostgresServer(project, source);
        this.progress = new CaptureProgress(source, quarantined);
        this.operations = new SourceOperations(source, new PostgresKeeper(source, server));
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
                if (problem.code() == IngestError.CAPTURE_SLOT_LOST) {
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

    /// Reads nothing until there is an order, and watches what the server keeps meanwhile.
    private void rest() {
        while (closed.getCount() > 0 && !orders.waiting()) {
            try (Connection connection = server.connect()) {
                progress.slot(SlotHealth.of(connection, server.slot()).orElse(null));
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

    private void pause(Duration backoff) {
        long jitter = ThreadLocalRandom.current().nextLong(backoff.toMillis() / 4 + 1);
        await(backoff.plusMillis(jitter));
    }

    private void capture() throws SQLException, IOException, InterruptedException {
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

    private void capture(SourceLog log) throws SQLException, IOException, InterruptedException {
        Map<SourceTable, TableShape> shapes = shapes();
        List<SourceTable> tables = List.copyOf(shapes.keySet());
        SourceOperations.noteForms(tables, server, log);
        SnapshotPlaces places = new SnapshotPlaces();
        try (SourcePlan plan = SourcePlan.make(source, server, log, tables);
                LoadSessions sessions = new LoadSessions(server, plan, places);
                TableLoads loads =
                        new TableLoads(source, server, log, sessions, shapes, files, progress, this::startAnew)) {
            CapturePosition from = log.position().orElseThrow();
            TableWatch watch = new TableWatch(server, tables, log.forms(), progress, this::order);
            LogPublisher publisher = new LogPublisher(
                    log, from, encoders(shapes), server.namesById(tables), listener(watch), places);
            progress.streaming(from);
            loads.start();
            try (SourceCare care = new SourceCare(
                    source,
                    server,
                    progress,
                    marker,
                    CARE_INTERVAL,
                    List.of(watch, new QuarantineWatch(source.name(), quarantine, progress, this::order)))) {
                care.start();
                follow(log, publisher, from);
            }
        }
    }

    private Map<SourceTable, TableShape> shapes() throws SQLException {
        Map<SourceTable, TableShape> shapes = new LinkedHashMap<>();
        List<SourceProblem> problems = new ArrayList<>();
        try (Connection connection = server.connect()) {
            server.check(connection);
            for (SourceTable table : source.tables()) {
                try {
                    shapes.put(table, server.shape(connection, table));
                } catch (SourceProblem problem) {
                    problems.add(problem);
                    progress.tableFailed(table.lakeName(), problem);
                }
            }
        }
        if (shapes.isEmpty()) {
            throw problems.getFirst();
        }
        return shapes;
    }

    private Map<String, TupleChanges> encoders(Map<SourceTable, TableShape> shapes) throws IOException {
        Map<String, TupleChanges> encoders = new HashMap<>();
        for (Map.Entry<SourceTable, TableShape> entry : shapes.entrySet()) {
            SourceTable table = entry.getKey();
            encoders.put(
                    table.qualifiedName(),
                    new TupleChanges(
                            table, DatabaseCapture.topic(source, table), registry, entry.getValue(), relation -> {
                                try (Connection connection = server.connect()) {
                                    return server.shape(connection, table, relation);
                                }
                            }));
        }
        return encoders;
    }

    private LogPublisher.Listener listener(TableWatch watch) {
        return new LogPublisher.Listener() {
            @Override
            public void published(CapturePosition position, int changes) {
                progress.published(position, changes);
            }

            @Override
            public void truncated(String topic) {
                source.tables().stream()
                        .filter(table -> DatabaseCapture.topic(source, table).equals(topic))
                        .forEach(table -> watch.truncated(table.lakeName()));
            }

            @Override
            public void message(String content, CapturePosition position) {
                if (content.equals(marker)) {
                    progress.endOfInput(position);
                }
            }
        };
    }

    private void follow(SourceLog log, LogPublisher publisher, CapturePosition from)
            throws SQLException, IOException, InterruptedException {
        try (PostgresLog stream = PostgresLog.open(server, from.commitLsn())) {
            following = stream;
            stream.follow(publisher, orders);
        } catch (SQLException | IOException | RuntimeException e) {
            if (log.abort()) {
                throw fenced();
            }
            throw e;
        }
    }

    /// Cuts the stream off, so that capture begins again with what is stored.
    private void startAnew() {
        PostgresLog stream = following;
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (SQLException e) {
            LOG.atDebug().addKeyValue("source", source.name()).setCause(e).log("The stream was broken already");
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
