package io.levada.ingest;

import io.levada.definition.BinlogSource;
import io.levada.definition.DatabaseSource;
import io.levada.definition.FileSource;
import io.levada.definition.MongoSource;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.ingest.binlog.BinlogCapture;
import io.levada.ingest.capture.DatabaseCapture;
import io.levada.ingest.capture.SnapshotFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.SourceOrder;
import io.levada.ingest.capture.SourceProblem;
import io.levada.ingest.capture.SourceStatus;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.files.FileSettings;
import io.levada.ingest.files.FileSources;
import io.levada.ingest.files.FilesAtStart;
import io.levada.ingest.landing.ChangeLanding;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.landing.LandedTable;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.landing.RawTables;
import io.levada.ingest.mongo.MongoCapture;
import io.levada.ingest.postgres.PostgresCapture;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of ingest-service, started as soon as Kafka and the catalog can be reached, and closed in the order of
/// the flow: sources first, then landing.
final class Ingest implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);
    private static final long OPEN_BYTES = 256L * 1024 * 1024;
    private static final Duration BACKOFF = Duration.ofSeconds(1);
    private static final Duration START = Duration.ofSeconds(30);

    private final IngestProperties properties;
    private final PipelineDefinition definition;
    private final LakeLayout layout;
    private final SchemaRegistry registry;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined = new QuarantineCounts();
    private final Clock clock = Clock.systemUTC();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread starter = Thread.ofPlatform().name("ingest-start").unstarted(this::startWhenReachable);
    private final DefinitionNotice notice;
    private @Nullable Incarnation incarnation;
    private volatile @Nullable Parts parts;
    private volatile @Nullable String trouble = "Starting";

    private record Parts(LakeCatalog catalog, List<SourceCapture> captures, ChangeLanding landing, FileSources files) {}

    Ingest(
            IngestProperties properties,
            PipelineDefinition definition,
            DefinitionNotice notice,
            LakeLayout layout,
            SchemaRegistry registry,
            LandingSteps steps) {
        this.properties = properties;
        this.definition = definition;
        this.notice = notice;
        this.layout = layout;
        this.registry = registry;
        this.steps = steps;
    }

    void start() {
        starter.start();
    }

    private void startWhenReachable() {
        while (closed.getCount() > 0) {
            try {
                parts = startParts();
                trouble = null;
                return;
            } catch (KafkaException | RESTException e) {
                trouble = e.getMessage();
                LOG.atWarn().setCause(e).log("Kafka or the catalog can not be reached; trying again");
            }
            try {
                closed.await(BACKOFF.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private Parts startParts() {
        List<DatabaseSource> databases = definition.sources().values().stream()
                .filter(DatabaseSource.class::isInstance)
                .map(DatabaseSource.class::cast)
                .toList();
        Map<String, LandedTable> changeTopics = new LinkedHashMap<>();
        databases.forEach(source -> source.tables()
                .forEach(table -> changeTopics.put(
                        SourceCapture.topic(source, table),
                        new LandedTable(source.name(), table.lakeName(), table.onSchemaChange()))));
        List<String> logs = new ArrayList<>(changeTopics.keySet());
        logs.add(Topics.FILES_WRITTEN);
        ChangeTopics topics = ChangeTopics.ensure(
                properties.kafkaBootstrapServers(),
                logs,
                databases.stream()
                        .map(source -> Topics.sourcePositions(source.name()))
                        .toList());
        Incarnation claimed = incarnation(databases);
        LakeCatalog catalog = LakeCatalog.connect(properties.catalogUri());
        RawTables tables = new RawTables(catalog, layout);
        SnapshotFiles files = new SnapshotFiles(tables, layout, steps, clock);
        List<SourceCapture> captures = databases.stream()
                .map(source -> capture(source, claimed, topics, files))
                .toList();
        ChangeLanding landing = new ChangeLanding(
                new ChangeLanding.Settings(
                        properties.kafkaBootstrapServers(),
                        claimed,
                        definition.project(),
                        properties.instance(),
                        changeTopics,
                        definition.flush(),
                        OPEN_BYTES),
                topics,
                registry,
                tables,
                catalog,
                layout,
                steps,
                quarantined,
                () -> properties.once() && endOfInput(captures).reached(),
                clock);
        FileSources folders = new FileSources(
                FileSettings.of(
                        claimed,
                        definition.project(),
                        properties.dataDirectory(),
                        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, properties.kafkaBootstrapServers()),
                        layout,
                        definition.quarantine()),
                fileSources(),
                catalog,
                steps,
                quarantined);
        landing.start();
        captures.forEach(SourceCapture::start);
        folders.start();
        return new Parts(catalog, captures, landing, folders);
    }

    /// Claims the roles of this process at the first call. A claim whose outcome is not known is made again.
    private Incarnation incarnation(List<DatabaseSource> databases) {
        Incarnation claimed = incarnation;
        if (claimed == null) {
            List<String> roles = new ArrayList<>();
            databases.forEach(source -> roles.add(Incarnation.source(definition.project(), source.name())));
            roles.add(Incarnation.landing(definition.project(), properties.instance()));
            roles.add(Incarnation.files(definition.project()));
            claimed = Incarnation.begin(properties.kafkaBootstrapServers(), roles);
            incarnation = claimed;
        }
        return claimed;
    }

    private SourceCapture capture(
            DatabaseSource source, Incarnation claimed, ChangeTopics topics, SnapshotFiles files) {
        SourceCapture.Settings settings = new SourceCapture.Settings(
                definition.project(), properties.kafkaBootstrapServers(), claimed, topics, definition.quarantine());
        return new SourceCapture(settings, database(source, files), quarantined);
    }

    private DatabaseCapture database(DatabaseSource source, SnapshotFiles files) {
        return switch (source) {
            case PostgresSource postgres -> new PostgresCapture(definition.project(), postgres, registry, files);
            case BinlogSource binlog -> new BinlogCapture(definition.project(), binlog, registry, files);
            case MongoSource mongo -> new MongoCapture(mongo, registry, files);
        };
    }

    private List<FileSource> fileSources() {
        return definition.sources().values().stream()
                .filter(FileSource.class::isInstance)
                .map(FileSource.class::cast)
                .toList();
    }

    /// Whether all parts run.
    boolean started() {
        return parts != null;
    }

    /// What `GET /v1/status` answers.
    ///
    /// @param definitionChange in what levada.yaml differs from what runs
    /// @param sources a [SourceStatus] for each database, then a [io.levada.ingest.files.FileSourceStatus] for each
    /// folder
    record Status(
            @Nullable String trouble,
            @Nullable String definitionChange,
            List<Record> sources,
            long landedRows,
            @Nullable String landingTrouble,
            SourceStatus.EndOfInput endOfInput) {}

    Status status() {
        String definitionChange = notice.difference().orElse(null);
        Parts running = parts;
        if (running == null) {
            return new Status(
                    trouble, definitionChange, List.of(), 0, null, new SourceStatus.EndOfInput(false, Map.of()));
        }
        return new Status(
                null,
                definitionChange,
                Stream.<Record>concat(
                                running.captures().stream().map(SourceCapture::status),
                                running.files().statuses().stream())
                        .toList(),
                running.landing().landedRows(),
                running.landing().trouble().orElse(null),
                endOfInput(running));
    }

    private SourceStatus.EndOfInput endOfInput(Parts running) {
        SourceStatus.EndOfInput databases = endOfInput(running.captures());
        FilesAtStart files = running.files().atStart();
        if (!databases.reached() || !files.complete()) {
            return new SourceStatus.EndOfInput(false, Map.of());
        }
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>(databases.tables());
        for (FileSource source : fileSources()) {
            Long last = files.lastNumbers().get(source.rawTable());
            if (last != null) {
                wanted.put(
                        source.rawTable(),
                        Map.of(TableProperties.FILES + source.name() + "." + source.rawTable(), last));
            }
        }
        return new SourceStatus.EndOfInput(true, wanted);
    }

    /// Gives an order to a database source.
    ///
    /// @param order made once the source is found
    /// @throws SourceProblem where there is no such source
    CompletableFuture<String> order(String name, Function<DatabaseSource, SourceOrder> order) {
        if (!definition.sources().containsKey(name)) {
            throw new SourceProblem(
                    IngestError.SOURCE_UNKNOWN,
                    "There is no source " + name,
                    "Give one of " + String.join(", ", definition.sources().keySet()));
        }
        if (!(definition.sources().get(name) instanceof DatabaseSource source)) {
            throw new SourceProblem(
                    IngestError.SOURCE_NO_DATABASE,
                    "Source " + name + " is a folder: it has no log that could be paused, repaired or dropped",
                    "Take it out of levada.yaml, or move its files away");
        }
        Parts running = parts;
        if (running == null) {
            throw new SourceProblem(
                    IngestError.SOURCES_STARTING,
                    "The sources are not started yet: " + trouble,
                    "Give the order again when ./levada status shows the source");
        }
        return running.captures().stream()
                .filter(capture -> capture.status().name().equals(name))
                .findFirst()
                .orElseThrow()
                .order(order.apply(source));
    }

    /// Lets a source go on that was paused or has stopped.
    CompletableFuture<String> resume(String name) {
        Parts running = parts;
        if (running == null || !(definition.sources().get(name) instanceof FileSource)) {
            return order(name, _ -> new SourceOrder.Resume());
        }
        try {
            running.files().resume(name);
            return CompletableFuture.completedFuture("Source " + name + " goes on");
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /// Takes in again what the files of a source brought to quarantine.
    ///
    /// @throws SourceProblem where there is no such source
    CompletableFuture<String> replay(String name) {
        if (!(definition.sources().get(name) instanceof FileSource)) {
            throw new SourceProblem(
                    definition.sources().containsKey(name) ? IngestError.SOURCE_NO_FOLDER : IngestError.SOURCE_UNKNOWN,
                    "There is no source of files " + name,
                    "Rows of a database are replayed by loading their table again: ./levada reload SOURCE TABLE");
        }
        Parts running = parts;
        return Optional.ofNullable(running)
                .flatMap(it -> it.files().replay(name))
                .orElseThrow(() -> new SourceProblem(
                        IngestError.SOURCES_STARTING,
                        "The sources are not started yet: " + trouble,
                        "Give the order again when ./levada status shows the source"));
    }

    /// Settles the quarantined rows of a table: they stay, and are not listed any more.
    ///
    /// @param upTo the newest one that is settled
    void settle(String table, Instant upTo) {
        Parts running = parts;
        if (running == null) {
            throw new SourceProblem(
                    IngestError.SOURCES_STARTING, "The catalog is not reached yet: " + trouble, "Try again soon");
        }
        Table quarantine = running.catalog()
                .load(QuarantineWriter.TABLE)
                .orElseThrow(() -> new SourceProblem(
                        IngestError.SOURCE_UNKNOWN_TABLE, "Nothing is in quarantine", "There is nothing to settle"));
        quarantine
                .updateProperties()
                .set(TableProperties.SETTLED + table, upTo.toString())
                .commit();
    }

    /// What the databases are at.
    List<SourceStatus> databases() {
        Parts running = parts;
        return running == null
                ? List.of()
                : running.captures().stream().map(SourceCapture::status).toList();
    }

    private static SourceStatus.EndOfInput endOfInput(List<SourceCapture> captures) {
        Map<String, Map<String, Long>> wanted = new LinkedHashMap<>();
        for (SourceCapture capture : captures) {
            SourceStatus.EndOfInput end = capture.endOfInput();
            if (!end.reached()) {
                return end;
            }
            wanted.putAll(end.tables());
        }
        return new SourceStatus.EndOfInput(true, wanted);
    }

    /// What was put aside since this process started.
    QuarantineCounts quarantined() {
        return quarantined;
    }

    Optional<ChangeLanding> landing() {
        return Optional.ofNullable(parts).map(Parts::landing);
    }

    @Override
    public void close() {
        closed.countDown();
        awaitStarter();
        Parts running = parts;
        if (running != null) {
            running.captures().forEach(SourceCapture::close);
            running.files().close();
            running.landing().close();
            running.catalog().close();
        }
    }

    /// Parts that are being started would outlive this otherwise, beside those of a successor in the same process.
    private void awaitStarter() {
        if (starter.getState() == Thread.State.NEW) {
            return;
        }
        try {
            if (!starter.join(START)) {
                LOG.atWarn().log("The parts of ingest-service are still being started at its end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
