package io.levada.ingest;

import io.levada.definition.BinlogSource;
import io.levada.definition.DatabaseSource;
import io.levada.definition.FileSource;
import io.levada.definition.MongoSource;
import io.levada.definition.PipelineDefinition;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.events.Topics;
import io.levada.ingest.binlog.BinlogCapture;
import io.levada.ingest.capture.DatabaseCapture;
import io.levada.ingest.capture.SnapshotFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.changes.SchemaRegistry;
import io.levada.ingest.files.FileSettings;
import io.levada.ingest.files.FileSources;
import io.levada.ingest.landing.ChangeLanding;
import io.levada.ingest.landing.ChangeTopics;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.landing.LandedTable;
import io.levada.ingest.landing.LandingSteps;
import io.levada.ingest.landing.RawTables;
import io.levada.ingest.mongo.MongoCapture;
import io.levada.ingest.postgres.PostgresCapture;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Makes the parts that run for a definition. Where parts run already, those that the next definition says nothing else
/// of go on undisturbed; only what differs is closed and made anew. For one thread at a time.
final class IngestAssembly {
    private static final long OPEN_BYTES = 256L * 1024 * 1024;

    private final IngestProperties properties;
    private final LakeLayout layout;
    private final SchemaRegistry registry;
    private final LandingSteps steps;
    private final QuarantineCounts quarantined;
    private final BooleanSupplier inputEnded;
    private final Clock clock = Clock.systemUTC();
    private @Nullable Incarnation incarnation;

    /// @param inputEnded whether landing is to offer its files as soon as there is nothing to read
    IngestAssembly(
            IngestProperties properties,
            LakeLayout layout,
            SchemaRegistry registry,
            LandingSteps steps,
            QuarantineCounts quarantined,
            BooleanSupplier inputEnded) {
        this.properties = properties;
        this.layout = layout;
        this.registry = registry;
        this.steps = steps;
        this.quarantined = quarantined;
        this.inputEnded = inputEnded;
    }

    /// What is used by several parts.
    private record Common(
            PipelineDefinition definition,
            ChangeTopics topics,
            Incarnation incarnation,
            LakeCatalog catalog,
            RawTables tables) {}

    /// Starts what the definition names.
    ///
    /// @param before what runs now; it goes on but for what differs
    /// @throws KafkaException where Kafka can not be reached; what ran goes on
    /// @throws RESTException where the catalog can not; what ran goes on
    /// @throws ExchangeFailed where what ran is closed and something of the next can not be started
    IngestParts start(@Nullable IngestParts before, PipelineDefinition next) {
        ChangeTopics topics = topics(next);
        Incarnation claimed = claimed(next);
        LakeCatalog catalog = before == null ? connected(next) : before.catalog();
        Common common = new Common(next, topics, claimed, catalog, new RawTables(catalog, layout));
        return before == null ? started(common) : exchanged(before, common);
    }

    private LakeCatalog connected(PipelineDefinition definition) {
        return LakeCatalog.connect(
                properties.catalogUri(),
                definition.tokens().own().map(Secret::value).orElse(null),
                properties.dataDirectory().toAbsolutePath().resolve("uploads"));
    }

    private IngestParts started(Common common) {
        ChangeLanding landing = landing(common);
        Map<String, SourceCapture> captures = captures(common, Map.of());
        FileSources files = files(common);
        landing.start();
        captures.values().forEach(SourceCapture::start);
        files.start();
        return new IngestParts(common.definition(), common.catalog(), captures, landing, files);
    }

    private IngestParts exchanged(IngestParts before, Common common) {
        PipelineDefinition next = common.definition();
        PipelineDefinition last = before.definition();
        boolean sameLanding = landed(last).equals(landed(next)) && last.flush().equals(next.flush());
        boolean sameQuarantine = last.quarantine().equals(next.quarantine());
        boolean sameFiles = sameQuarantine && fileSources(last).equals(fileSources(next));
        Map<String, SourceCapture> kept = new LinkedHashMap<>(before.captures());
        kept.keySet()
                .removeIf(name ->
                        !Objects.equals(last.sources().get(name), next.sources().get(name))
                                || !last.quarantine().equals(next.quarantine()));
        try {
            before.captures().forEach((name, capture) -> {
                if (!kept.containsKey(name)) {
                    capture.close();
                }
            });
            if (!sameFiles) {
                before.files().close();
            }
            if (!sameLanding) {
                before.landing().close();
            }
            ChangeLanding landing = sameLanding ? before.landing() : landing(common);
            Map<String, SourceCapture> captures = captures(common, kept);
            FileSources files = sameFiles ? before.files() : files(common);
            if (!sameLanding) {
                landing.start();
            }
            captures.forEach((name, capture) -> {
                if (!kept.containsKey(name)) {
                    capture.start();
                }
            });
            if (!sameFiles) {
                files.start();
            }
            return new IngestParts(next, common.catalog(), captures, landing, files);
        } catch (RuntimeException e) {
            before.close();
            throw new ExchangeFailed(e);
        }
    }

    /// The parts that ran are closed, and the next ones were not started.
    static final class ExchangeFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ExchangeFailed(RuntimeException cause) {
            super("The changed sources could not be started: " + cause.getMessage(), cause);
        }
    }

    private ChangeTopics topics(PipelineDefinition definition) {
        List<String> logs = new ArrayList<>(landed(definition).keySet());
        logs.add(Topics.FILES_WRITTEN);
        return ChangeTopics.ensure(
                properties.kafkaBootstrapServers(),
                logs,
                databases(definition).stream()
                        .map(source -> Topics.sourcePositions(source.name()))
                        .toList());
    }

    /// Claims what the definition gives this process to do.
    private Incarnation claimed(PipelineDefinition definition) {
        List<String> roles = new ArrayList<>();
        databases(definition).forEach(source -> roles.add(Incarnation.source(definition.project(), source.name())));
        roles.add(Incarnation.landing(definition.project(), properties.instance()));
        roles.add(Incarnation.files(definition.project()));
        Incarnation claimed = incarnation;
        if (claimed == null) {
            claimed = Incarnation.begin(properties.kafkaBootstrapServers(), roles);
            incarnation = claimed;
        } else {
            claimed.claim(roles);
        }
        return claimed;
    }

    private ChangeLanding landing(Common common) {
        return new ChangeLanding(
                new ChangeLanding.Settings(
                        properties.kafkaBootstrapServers(),
                        common.incarnation(),
                        common.definition().project(),
                        properties.instance(),
                        landed(common.definition()),
                        common.definition().flush(),
                        OPEN_BYTES),
                common.topics(),
                registry,
                common.tables(),
                common.catalog(),
                layout,
                steps,
                quarantined,
                inputEnded,
                clock);
    }

    /// A capture for each database.
    ///
    /// @param kept those that are there already
    private Map<String, SourceCapture> captures(Common common, Map<String, SourceCapture> kept) {
        SnapshotFiles snapshots = new SnapshotFiles(common.tables(), layout, steps, clock);
        Map<String, SourceCapture> captures = new LinkedHashMap<>();
        for (DatabaseSource source : databases(common.definition())) {
            SourceCapture running = kept.get(source.name());
            captures.put(source.name(), running != null ? running : capture(source, common, snapshots));
        }
        return captures;
    }

    private SourceCapture capture(DatabaseSource source, Common common, SnapshotFiles snapshots) {
        PipelineDefinition definition = common.definition();
        SourceCapture.Settings settings = new SourceCapture.Settings(
                definition.project(),
                properties.kafkaBootstrapServers(),
                common.incarnation(),
                common.topics(),
                definition.quarantine());
        DatabaseCapture database = switch (source) {
            case PostgresSource postgres -> new PostgresCapture(definition.project(), postgres, registry, snapshots);
            case BinlogSource binlog -> new BinlogCapture(definition.project(), binlog, registry, snapshots);
            case MongoSource mongo -> new MongoCapture(mongo, registry, snapshots);
        };
        return new SourceCapture(settings, database, quarantined);
    }

    private FileSources files(Common common) {
        return new FileSources(
                FileSettings.of(
                        common.incarnation(),
                        common.definition().project(),
                        properties.dataDirectory(),
                        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, properties.kafkaBootstrapServers()),
                        layout,
                        common.definition().quarantine()),
                fileSources(common.definition()),
                common.catalog(),
                steps,
                quarantined);
    }

    /// By change topic, the table in which its changes land.
    private static Map<String, LandedTable> landed(PipelineDefinition definition) {
        Map<String, LandedTable> topics = new LinkedHashMap<>();
        databases(definition)
                .forEach(source -> source.tables()
                        .forEach(table -> topics.put(
                                SourceCapture.topic(source, table),
                                new LandedTable(source.name(), table.lakeName(), table.onSchemaChange()))));
        return topics;
    }

    private static List<DatabaseSource> databases(PipelineDefinition definition) {
        return definition.sources().values().stream()
                .filter(DatabaseSource.class::isInstance)
                .map(DatabaseSource.class::cast)
                .toList();
    }

    static List<FileSource> fileSources(PipelineDefinition definition) {
        return definition.sources().values().stream()
                .filter(FileSource.class::isInstance)
                .map(FileSource.class::cast)
                .toList();
    }
}
