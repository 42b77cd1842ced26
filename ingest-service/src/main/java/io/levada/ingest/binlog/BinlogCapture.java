package io.levada.ingest.binlog;

import io.levada.definition.BinlogSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.CaptureRun;
import io.levada.ingest.capture.DatabaseCapture;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.RuledValues;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.changes.SchemaRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures a MariaDB or MySQL source: plans it, loads its tables, and publishes its binary log.
public final class BinlogCapture implements DatabaseCapture {
    private static final Logger LOG = LoggerFactory.getLogger(BinlogCapture.class);

    private final BinlogSource source;
    private final SchemaRegistry registry;
    private final LoadFiles files;
    private final BinlogServer server;
    private final BinlogChecks checks;

    /// @param files writes what a load reads
    public BinlogCapture(String project, BinlogSource source, SchemaRegistry registry, LoadFiles files) {
        this(source, registry, files, new BinlogServer(project, source));
    }

    BinlogCapture(BinlogSource source, SchemaRegistry registry, LoadFiles files, BinlogServer server) {
        this.source = source;
        this.registry = registry;
        this.files = files;
        this.server = server;
        this.checks = new BinlogChecks(source);
    }

    @Override
    public BinlogSource source() {
        return source;
    }

    @Override
    public LogKeeper keeper() {
        return new BinlogKeeper(server);
    }

    @Override
    public void run(CaptureRun run) throws SQLException, IOException {
        SourceLog log = run.log();
        CaptureProgress progress = run.progress();
        Map<SourceTable, BinlogChecks.Described> described = new LinkedHashMap<>();
        Map<Integer, String> collations;
        boolean foldNames;
        try (Connection connection = server.connect()) {
            checks.server(connection);
            describe(connection, described, progress);
            collations = BinlogServer.collations(connection);
            foldNames = !BinlogServer.setting(connection, "lower_case_table_names")
                    .orElse("0")
                    .equals("0");
        }
        CapturePosition from = plan(log);
        BinlogPlaces places = new BinlogPlaces(from);
        AtomicBoolean anew = new AtomicBoolean();
        try (BinlogLoads loads = new BinlogLoads(
                server, checks, log, described.keySet(), files, progress, places, () -> anew.set(true))) {
            BinlogPublisher publisher = new BinlogPublisher(
                    source, log, from, tables(described, collations), foldNames, places, listener(loads, run));
            progress.streaming(from);
            loads.start();
            stream(run, from, publisher, () -> anew.get() || run.orders().calling());
        }
    }

    private BinlogPublisher.Listener listener(BinlogLoads loads, CaptureRun run) {
        return new BinlogPublisher.Listener() {
            @Override
            public void published(CapturePosition position, int changes) {
                run.progress().published(position, changes);
                loads.streamReached(position);
            }

            @Override
            public void rewritten(SourceTable table) {
                run.orders()
                        .submit(new SourceOrder.Reload(
                                List.of(table.lakeName()),
                                "A statement changed the table without changing its rows one by one"));
            }
        };
    }

    private void describe(
            Connection connection, Map<SourceTable, BinlogChecks.Described> described, CaptureProgress progress)
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
            Map<SourceTable, BinlogChecks.Described> described, Map<Integer, String> collations) throws IOException {
        Map<String, BinlogTable> tables = new HashMap<>();
        for (Map.Entry<SourceTable, BinlogChecks.Described> entry : described.entrySet()) {
            SourceTable table = entry.getKey();
            tables.put(
                    table.qualifiedName(),
                    new BinlogTable(
                            table,
                            SourceCapture.topic(source, table),
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

    private void stream(CaptureRun run, CapturePosition from, BinlogPublisher publisher, BooleanSupplier ends)
            throws IOException {
        BinlogReader reader = new BinlogReader(server, (BinlogPosition) from.committed(), publisher, ends);
        try (BinlogCare care = new BinlogCare(server, run.progress(), publisher, reader, run.quarantine())) {
            care.start();
            reader.run();
        }
    }
}
