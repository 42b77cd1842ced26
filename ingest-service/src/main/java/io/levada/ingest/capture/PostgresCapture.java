package io.levada.ingest.capture;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
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
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures one PostgreSQL source: plans it, loads its tables, and publishes its changes, until it is closed.
///
/// Trouble outside (the server, Kafka or the catalog away) is retried with backoff and shown in [#status]. What only
/// an operator can mend is shown with the statement that mends it and looked at again from time to time, except a
/// lost log, which stops the source for good. A row with a value that the lake can not hold goes to quarantine.
public final class PostgresCapture implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCapture.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(15);
    private static final Duration CARE_INTERVAL = Duration.ofSeconds(1);

    private final String project;
    private final PostgresSource source;
    private final String bootstrapServers;
    private final ChangeTopics topics;
    private final SchemaRegistry registry;
    private final LoadFiles files;
    private final PostgresServer server;
    private final CaptureProgress progress;
    private final String marker = "end-of-input-" + UUID.randomUUID();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable PostgresLog following;

    /// @param files writes what a load reads
    /// @param quarantined counts the rows that loads put aside, and says how many there are of each table
    public PostgresCapture(
            String project,
            PostgresSource source,
            String bootstrapServers,
            ChangeTopics topics,
            SchemaRegistry registry,
            LoadFiles files,
            QuarantineCounts quarantined) {
        this.project = project;
        this.source = source;
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.registry = registry;
        this.files = files;
        this.server = new PostgresServer(project, source);
        this.progress = new CaptureProgress(source, quarantined);
        this.thread = Thread.ofPlatform().name("capture-" + source.name()).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public SourceStatus status() {
        return progress.status();
    }

    /// The topic of a table's changes.
    public static String topic(PostgresSource source, SourceTable table) {
        return Topics.changes(source.name(), table.lakeName());
    }

    /// What the tables must hold before all that was in the source when capture started has passed.
    public SourceStatus.EndOfInput endOfInput() {
        Optional<CapturePosition> end = progress.endOfInput();
        if (end.isEmpty() || !progress.allLoadsEnded()) {
            return new SourceStatus.EndOfInput(false, Map.of());
        }
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>();
        for (SourceTable table : source.tables()) {
            Map<String, Long> properties = new HashMap<>();
            progress.generation(table.lakeName())
                    .ifPresent(generation -> properties.put(TableProperties.LOAD_GENERATION, (long) generation));
            Long offset = end.get().ends().get(topic(source, table));
            if (offset != null) {
                properties.put(topics.offsetProperty(topic(source, table)), offset);
            }
            wanted.put(table.rawTable(source.name()), properties);
        }
        return new SourceStatus.EndOfInput(true, wanted);
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
                if (isFinal(problem.code())) {
                    return;
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

    private static boolean isFinal(IngestError code) {
        return code == IngestError.CAPTURE_SLOT_LOST || code == IngestError.CAPTURE_FENCED;
    }

    private void pause(Duration backoff) {
        long jitter = ThreadLocalRandom.current().nextLong(backoff.toMillis() / 4 + 1);
        try {
            closed.await(backoff.toMillis() + jitter, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void capture() throws SQLException, IOException, InterruptedException {
        progress.connecting();
        Map<SourceTable, TableShape> shapes = shapes();
        List<SourceTable> tables = List.copyOf(shapes.keySet());
        SnapshotPlaces places = new SnapshotPlaces();
        try (SourceLog log = SourceLog.open(bootstrapServers, project, source.name());
                SourcePlan plan = SourcePlan.make(source, server, log, tables);
                LoadSessions sessions = new LoadSessions(server, plan, places);
                TableLoads loads =
                        new TableLoads(source, server, log, sessions, shapes, files, progress, this::startAnew)) {
            CapturePosition from = log.position().orElseThrow();
            LogPublisher publisher = new LogPublisher(log, from, encoders(shapes), listener(), places);
            progress.streaming(from);
            loads.start();
            try (SourceCare care = new SourceCare(source, server, progress, marker, CARE_INTERVAL)) {
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
                    new TupleChanges(topic(source, table), registry, entry.getValue(), relation -> {
                        try (Connection connection = server.connect()) {
                            return server.shape(connection, table, relation);
                        }
                    }));
        }
        return encoders;
    }

    private LogPublisher.Listener listener() {
        return new LogPublisher.Listener() {
            @Override
            public void published(CapturePosition position, int changes) {
                progress.published(position, changes);
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
            stream.follow(publisher, closed);
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
