package io.levada.ingest.mongo;

import io.levada.definition.MongoSource;
import io.levada.definition.SourceTable;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.CaptureRun;
import io.levada.ingest.capture.DatabaseCapture;
import io.levada.ingest.capture.LoadFiles;
import io.levada.ingest.capture.LogKeeper;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.changes.SchemaRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bson.BsonDocument;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures a MongoDB database: plans it, loads its collections, and publishes its change stream.
public final class MongoCapture implements DatabaseCapture {
    private static final Logger LOG = LoggerFactory.getLogger(MongoCapture.class);

    private final MongoSource source;
    private final SchemaRegistry registry;
    private final LoadFiles files;
    private final MongoChecks checks;
    private final long stepDocuments;
    private final int batchChanges;

    /// @param files writes what a load reads
    public MongoCapture(MongoSource source, SchemaRegistry registry, LoadFiles files) {
        this(source, registry, files, 0, MongoPublisher.BATCH_CHANGES);
    }

    /// @param stepDocuments how many documents a step of a load has, about; 0 where the definition's bytes say it
    MongoCapture(MongoSource source, SchemaRegistry registry, LoadFiles files, long stepDocuments, int batchChanges) {
        this.source = source;
        this.registry = registry;
        this.files = files;
        this.checks = new MongoChecks(source);
        this.stepDocuments = stepDocuments;
        this.batchChanges = batchChanges;
    }

    @Override
    public MongoSource source() {
        return source;
    }

    @Override
    public LogKeeper keeper() {
        return new MongoKeeper(source);
    }

    @Override
    public void run(CaptureRun run) {
        SourceLog log = run.log();
        try (MongoServer server = MongoServer.of(source)) {
            MongoChecks.Found found = checks.server(server);
            List<SourceTable> tables = captured(found, run);
            CapturePosition from = plan(server, log);
            Map<SourceTable, CollectionColumns> collections = collections(server, log, tables);
            AtomicBoolean anew = new AtomicBoolean();
            try (MongoLoads loads = new MongoLoads(
                    source, server, log, collections, files, run.progress(), stepDocuments, () -> anew.set(true))) {
                MongoPublisher publisher = new MongoPublisher(
                        source.name(), log, from, tables(server, collections), listener(loads, run), batchChanges);
                run.progress().streaming(from);
                loads.start();
                ChangeStreamReader reader = new ChangeStreamReader(
                        server, source, (MongoPosition) from.committed(), MongoChecks.documents(found, tables));
                try (MongoCare care = new MongoCare(source.name(), server, run.progress(), run.quarantine())) {
                    care.start();
                    reader.run(publisher, () -> anew.get() || run.orders().calling());
                }
            }
        }
    }

    private List<SourceTable> captured(MongoChecks.Found found, CaptureRun run) {
        List<SourceTable> captured = new ArrayList<>();
        List<SourceProblem> problems = new ArrayList<>();
        for (SourceTable table : source.tables()) {
            try {
                checks.collection(found, table, run.log().plan(table.lakeName()).isPresent());
                captured.add(table);
            } catch (SourceProblem problem) {
                problems.add(problem);
                run.progress().tableFailed(table.lakeName(), problem);
            }
        }
        if (captured.isEmpty()) {
            throw problems.getFirst();
        }
        return captured;
    }

    /// Where the source is read from: the first time the end of the log, stored before anything is read.
    private CapturePosition plan(MongoServer server, SourceLog log) {
        Optional<CapturePosition> stored = log.position();
        if (stored.isPresent()) {
            return stored.get();
        }
        CapturePosition start = CapturePosition.startingAt(server.end());
        log.storePlan(start, List.of());
        LOG.atInfo()
                .addKeyValue("source", source.name())
                .addKeyValue("position", start.committed().text())
                .log("Source is planned");
        return start;
    }

    private static Map<SourceTable, CollectionColumns> collections(
            MongoServer server, SourceLog log, List<SourceTable> tables) {
        Map<SourceTable, CollectionColumns> collections = new LinkedHashMap<>();
        for (SourceTable table : tables) {
            CollectionColumns columns = new CollectionColumns(
                    table,
                    log.columns(table.lakeName()).map(CollectionForm::of),
                    form -> log.storeColumns(form.stored(table.lakeName())));
            if (columns.undecided()) {
                FieldRules rules = new FieldRules(table.rules());
                columns.decide(server.sample(table).stream().map(rules::visible).toList());
            }
            collections.put(table, columns);
        }
        return collections;
    }

    private Map<String, CollectionTable> tables(MongoServer server, Map<SourceTable, CollectionColumns> collections) {
        Map<String, CollectionTable> tables = new HashMap<>();
        collections.forEach((table, columns) -> tables.put(
                table.table(),
                new CollectionTable(
                        table,
                        SourceCapture.topic(source, table),
                        registry,
                        new DocumentRows(table, columns),
                        id -> server.collection(table)
                                .find(new BsonDocument(CollectionForm.ID, id))
                                .first())));
        return tables;
    }

    private static MongoPublisher.Listener listener(MongoLoads loads, CaptureRun run) {
        CaptureProgress progress = run.progress();
        return new MongoPublisher.Listener() {
            @Override
            public void published(CapturePosition position, int changes) {
                progress.published(position, changes);
                loads.streamReached(position);
            }

            @Override
            public void replaced(SourceTable table) {
                run.orders()
                        .submit(new SourceOrder.Reload(
                                List.of(table.lakeName()), "Another collection was renamed to its name"));
            }
        };
    }
}
