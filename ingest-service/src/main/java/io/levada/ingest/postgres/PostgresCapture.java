package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.CaptureRun;
import io.levada.ingest.capture.DatabaseCapture;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.SlotHealth;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceOrders;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.TableShape;
import io.levada.ingest.changes.SchemaRegistry;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures a PostgreSQL source: plans it, loads its tables by COPY, and publishes its log.
///
/// A row with a value that the lake can not hold goes to quarantine.
public final class PostgresCapture implements DatabaseCapture {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCapture.class);
    private static final Duration CARE_INTERVAL = Duration.ofSeconds(1);

    private final PostgresSource source;
    private final SchemaRegistry registry;
    private final LoadFiles files;
    private final PostgresServer server;
    private final Duration careInterval;
    private final String marker = "end-of-input-" + UUID.randomUUID();
    private volatile @Nullable PostgresLog following;

    /// @param files writes what a load reads
    public PostgresCapture(String project, PostgresSource source, SchemaRegistry registry, LoadFiles files) {
        this(project, source, registry, files, CARE_INTERVAL);
    }

    /// @param careInterval between two looks at the server
    PostgresCapture(
            String project, PostgresSource source, SchemaRegistry registry, LoadFiles files, Duration careInterval) {
        this.careInterval = careInterval;
        this.source = source;
        this.registry = registry;
        this.files = files;
        this.server = new PostgresServer(project, source);
    }

    @Override
    public PostgresSource source() {
        return source;
    }

    @Override
    public LogKeeper keeper() {
        return new PostgresKeeper(source, server);
    }

    @Override
    public void lookAtRest(CaptureProgress progress) throws SQLException {
        try (Connection connection = server.connect()) {
            progress.slot(SlotHealth.of(connection, server.slot()).orElse(null));
        }
    }

    @Override
    public void run(CaptureRun run) throws SQLException, IOException, InterruptedException {
        SourceLog log = run.log();
        CaptureProgress progress = run.progress();
        Map<SourceTable, TableShape> shapes = shapes(progress);
        List<SourceTable> tables = List.copyOf(shapes.keySet());
        TableForms.note(tables, server, log);
        SnapshotPlaces places = new SnapshotPlaces();
        try (PostgresPlan plan = PostgresPlan.make(source, server, log, tables);
                LoadSessions sessions = new LoadSessions(server, plan, places);
                TableLoads loads =
                        new TableLoads(source, server, log, sessions, shapes, files, progress, this::startAnew)) {
            CapturePosition from = log.position().orElseThrow();
            TableWatch watch =
                    new TableWatch(server, source.tables(), tables, log::form, progress, run.orders()::submit);
            LogPublisher publisher =
                    new LogPublisher(log, from, encoders(shapes), namesById(tables), listener(watch, progress), places);
            progress.streaming(from);
            loads.start();
            try (PostgresCare care = new PostgresCare(
                    source,
                    server,
                    progress,
                    marker,
                    careInterval,
                    List.of(watch, (_, _) -> run.quarantine().look()))) {
                care.start();
                follow(run.orders(), publisher, from);
            }
        }
    }

    private Map<SourceTable, TableShape> shapes(CaptureProgress progress) throws SQLException {
        Map<SourceTable, TableShape> shapes = new LinkedHashMap<>();
        List<SourceProblem> problems = new ArrayList<>();
        try (Connection connection = server.connect()) {
            server.check(connection);
            for (SourceTable table : source.tables()) {
                try {
                    shapes.put(table, server.tables().shape(connection, table));
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

    private Map<Integer, String> namesById(List<SourceTable> tables) throws SQLException {
        try (Connection connection = server.connect()) {
            return server.tables().namesById(connection, tables);
        }
    }

    private Map<String, TupleChanges> encoders(Map<SourceTable, TableShape> shapes) throws IOException {
        Map<String, TupleChanges> encoders = new HashMap<>();
        for (Map.Entry<SourceTable, TableShape> entry : shapes.entrySet()) {
            SourceTable table = entry.getKey();
            encoders.put(
                    table.qualifiedName(),
                    new TupleChanges(
                            table, SourceCapture.topic(source, table), registry, entry.getValue(), relation -> {
                                try (Connection connection = server.connect()) {
                                    return server.tables().shape(connection, table, relation);
                                }
                            }));
        }
        return encoders;
    }

    private LogPublisher.Listener listener(TableWatch watch, CaptureProgress progress) {
        return new LogPublisher.Listener() {
            @Override
            public void published(CapturePosition position, int changes) {
                progress.published(position, changes);
            }

            @Override
            public void truncated(String topic) {
                source.tables().stream()
                        .filter(table -> SourceCapture.topic(source, table).equals(topic))
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

    private void follow(SourceOrders orders, LogPublisher publisher, CapturePosition from)
            throws SQLException, IOException, InterruptedException {
        try (PostgresLog stream = PostgresLog.open(server, from.commitLsn())) {
            following = stream;
            stream.follow(publisher, orders);
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
}
