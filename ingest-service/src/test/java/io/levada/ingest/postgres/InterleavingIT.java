package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.FlushPolicy;
import io.levada.definition.OnSchemaChange;
import io.levada.definition.PostgresSource;
import io.levada.definition.Secret;
import io.levada.definition.SourceTable;
import io.levada.events.FilesWritten;
import io.levada.events.OffsetRange;
import io.levada.events.Topics;
import io.levada.events.WrittenFile;
import io.levada.ingest.capture.CaptureKafka;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.SourceLog;
import io.levada.ingest.changes.Change;
import io.levada.ingest.landing.CatalogOnLoopback;
import io.levada.ingest.landing.ChangeLanding;
import io.levada.ingest.landing.FilesWrittenProducer;
import io.levada.ingest.landing.Incarnation;
import io.levada.ingest.landing.LandedTable;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.RawTables;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

/// What meets at an unlucky moment: a producer that hangs, a database that goes down within a transaction, tables that
/// were changed after what is read of them, landing that loses its topics with files open.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(CaptureServers.Shared.class)
class InterleavingIT {
    private static final Duration SOON = Eventually.PATIENCE;

    private final CaptureServers servers;
    private final EmbeddedPostgresServer postgres;
    private final LakeLayout layout;
    private final CatalogOnLoopback catalogServer;
    private final LakeCatalog catalog;
    private int sources;

    InterleavingIT(CaptureServers servers) throws Exception {
        this.servers = servers;
        this.postgres = servers.postgres;
        Path lake = servers.lake();
        layout = new LakeLayout(lake.toString());
        catalogServer = new CatalogOnLoopback(lake);
        catalog = LakeCatalog.connect(catalogServer.uri());
    }

    @AfterAll
    void closeCatalog() {
        catalog.close();
        catalogServer.close();
    }

    private void closeCaptures() {
        servers.closeCaptures();
    }

    /// Another producer's open transaction on the topic of positions holds back what a reader of committed records
    /// sees: an older position must not be taken for the newest.
    @Test
    void waitsForAHangingTransactionBeforeItTakesAPosition() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY");
        servers.kafka.topics(source);
        CapturePosition newest = CapturePosition.startingAt(200);
        try (KafkaProducer<byte[], byte[]> hanging = transactional("hanging")) {
            try (SourceLog log = open(source)) {
                log.storePlan(CapturePosition.startingAt(100), List.of());
                hanging.beginTransaction();
                hanging.send(new ProducerRecord<>(
                                Topics.sourcePositions(source.name()), 0, new byte[] {1}, new byte[0]))
                        .get();
                log.storePlan(newest, List.of());
            }

            CompletableFuture<CapturePosition> successor = CompletableFuture.supplyAsync(() -> {
                try (SourceLog log = open(source)) {
                    return log.position().orElseThrow();
                }
            });
            CompletableFuture<CapturePosition> early = successor.copy().completeOnTimeout(null, 3, TimeUnit.SECONDS);
            assertThat(early.get()).as("taken while the transaction hangs").isNull();
            hanging.abortTransaction();

            assertThat(successor.get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(newest);
        }
    }

    @Test
    void goesOnInALargeTransactionWithinWhichTheDatabaseWentDown() throws Exception {
        int rows = 100_000;
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        postgres.execute(source.name(), "INSERT INTO t SELECT g, 'row ' || g FROM generate_series(1, " + rows + ") g");
        long before = Eventually.within(SOON, () -> servers.kafka.end(source, "t"), end -> end > 1_000);

        postgres.kill();
        postgres.restart();

        assertThat(before).as("published before").isLessThan(rows);
        List<Change> changes = awaitChanges(source, rows);
        assertThat(changes)
                .extracting(change -> Objects.requireNonNull(change.after()).getField("id"))
                .isEqualTo(IntStream.rangeClosed(1, rows).boxed().toList());
        assertThat(changes)
                .extracting(Change::pos)
                .isEqualTo(IntStream.rangeClosed(1, rows)
                        .mapToObj(sequence -> CapturePosition.pos(1, sequence))
                        .toList());
    }

    @Test
    void readsRowsOfATypeThatWasDroppedSince() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, before text, after text");
        postgres.execute(
                source.name(),
                "CREATE TYPE mood AS ENUM ('glad', 'sad')",
                "ALTER TABLE t ADD COLUMN feels mood",
                "ALTER TABLE t ADD COLUMN last text");
        capture(source);
        postgres.execute(source.name(), "INSERT INTO t VALUES (1, 'b', 'a', 'glad', 'z')");
        awaitChanges(source, 1);
        closeCaptures();
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (2, 'b', 'a', 'sad', 'z')",
                "ALTER TABLE t DROP COLUMN feels",
                "DROP TYPE mood",
                "INSERT INTO t VALUES (3, 'b', 'a', 'z')");

        capture(source);

        List<Change> changes = awaitChanges(source, 3);
        assertThat(changes).extracting(Change::refused).containsOnlyNulls();
        assertThat(changes)
                .extracting(change -> Objects.requireNonNull(change.after()).getField("last"))
                .containsExactly("z", "z", "z");
        assertThat(Objects.requireNonNull(changes.get(1).after()).getField("feels"))
                .isEqualTo("sad");
    }

    @Test
    void losesNothingOfATableThatIsRenamedWhileItStreams() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY");
        capture(source);
        postgres.execute(
                source.name(),
                "INSERT INTO t VALUES (1)",
                "ALTER TABLE t RENAME TO elsewhere",
                "INSERT INTO elsewhere VALUES (2)",
                "ALTER TABLE elsewhere RENAME TO t",
                "INSERT INTO t VALUES (3)");

        assertThat(awaitChanges(source, 3))
                .extracting(change -> Objects.requireNonNull(change.after()).getField("id"))
                .containsExactly(1, 2, 3);
    }

    /// Two instances of landing share the topics; the second takes all of them while the first has files open.
    @Test
    void landsEachChangeOnceWhenItsTopicsAreRevokedWithFilesOpen() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        postgres.execute(source.name(), "INSERT INTO t SELECT g, 'a' FROM generate_series(1, 1000) g");
        awaitChanges(source, 1_000);
        List<String> steps = new CopyOnWriteArrayList<>();
        try (ChangeLanding first = landing(source, "b", Duration.ofHours(1), steps)) {
            first.start();
            Eventually.within(SOON, () -> steps, all -> all.contains("b " + LandingStep.FILE_OPENED));
            try (ChangeLanding second = landing(source, "a", Duration.ofMillis(300), steps)) {
                second.start();
                Eventually.within(SOON, () -> ids(source), ids -> ids.size() >= 1_000);
                postgres.execute(source.name(), "INSERT INTO t SELECT g, 'b' FROM generate_series(1001, 2000) g");
                Eventually.within(SOON, () -> ids(source), ids -> ids.size() >= 2_000);
            }
        }

        assertThat(ids(source))
                .as("rows of all files that were offered")
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 2_000).boxed().toList());
        assertThat(steps).as("the first has offered nothing").doesNotContain("b " + LandingStep.AFTER_TRANSACTION);
        List<OffsetRange> ranges = offered(source).stream()
                .flatMap(event -> event.ranges().stream())
                .sorted(Comparator.comparing(OffsetRange::start))
                .toList();
        assertThat(ranges.getFirst().start()).isZero();
        for (int i = 1; i < ranges.size(); i++) {
            assertThat(ranges.get(i).start()).isEqualTo(ranges.get(i - 1).end());
        }
    }

    /// Two processes of one instance both live: the older one had its files open when the newer one began. Then the
    /// producer's id is opened once more, as by one that was held up between its look and the opening.
    @Test
    void leavesLandingToTheNewerProcessOfAnInstance() throws Exception {
        PostgresSource source = source("id int PRIMARY KEY, name text");
        capture(source);
        postgres.execute(source.name(), "INSERT INTO t SELECT g, 'a' FROM generate_series(1, 1000) g");
        awaitChanges(source, 1_000);
        List<String> steps = new CopyOnWriteArrayList<>();
        try (ChangeLanding older = landing(source, "c", Duration.ofMillis(500), steps)) {
            older.start();
            Eventually.within(SOON, () -> steps, all -> all.contains("c " + LandingStep.FILE_OPENED));
            try (ChangeLanding newer = landing(source, "c", Duration.ofMillis(500), steps)) {
                newer.start();
                Eventually.within(
                        SOON, older::trouble, trouble -> trouble.orElse("").startsWith("INGEST-FENCED"));
                new FilesWrittenProducer(
                                Map.of("bootstrap.servers", servers.kafka.bootstrapServers()),
                                "levada-landing-" + CaptureKafka.PROJECT + "-c")
                        .close();
                postgres.execute(source.name(), "INSERT INTO t SELECT g, 'b' FROM generate_series(1001, 2000) g");
                Eventually.within(SOON, () -> ids(source), ids -> ids.size() >= 2_000);
                assertThat(newer.trouble()).isEmpty();
            }
        }

        assertThat(ids(source))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 2_000).boxed().toList());
    }

    private ChangeLanding landing(PostgresSource source, String instance, Duration interval, List<String> steps) {
        return new ChangeLanding(
                new ChangeLanding.Settings(
                        servers.kafka.bootstrapServers(),
                        Incarnation.begin(
                                servers.kafka.bootstrapServers(),
                                List.of(Incarnation.landing(CaptureKafka.PROJECT, instance))),
                        CaptureKafka.PROJECT,
                        instance,
                        Map.of(topic(source), new LandedTable(source.name(), "t", OnSchemaChange.EVOLVE)),
                        new FlushPolicy(interval, 64 * 1024 * 1024),
                        64 * 1024 * 1024),
                servers.kafka.topics(source),
                servers.kafka.registry(),
                new RawTables(catalog, layout),
                catalog,
                layout,
                (step, _) -> steps.add(instance + " " + step),
                new QuarantineCounts(),
                () -> false,
                Clock.systemUTC());
    }

    private List<FilesWritten> offered(PostgresSource source) {
        return servers.kafka.read(Topics.FILES_WRITTEN).stream()
                .map(event -> JsonMapper.shared().readValue(event, FilesWritten.class))
                .filter(event -> event.table().equals("raw." + source.name() + "_t"))
                .toList();
    }

    /// The ids in all files that were offered, sorted.
    private List<Integer> ids(PostgresSource source) throws Exception {
        String files = offered(source).stream()
                .flatMap(event -> event.files().stream())
                .map(WrittenFile::path)
                .map(path -> "'" + path + "'")
                .collect(Collectors.joining(", "));
        List<Integer> ids = new ArrayList<>();
        if (!files.isEmpty()) {
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT id FROM read_parquet([" + files
                            + "], hive_partitioning=false) WHERE _op = 'c' ORDER BY id")) {
                while (rows.next()) {
                    ids.add(rows.getInt(1));
                }
            }
        }
        return ids;
    }

    private KafkaProducer<byte[], byte[]> transactional(String id) {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers.kafka.bootstrapServers(), "transactional.id", id),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private PostgresSource source(String columns) throws Exception {
        String name = "i" + ++sources;
        postgres.createDatabase(name);
        postgres.execute(name, "CREATE TABLE t (" + columns + ")");
        return new PostgresSource(
                name,
                postgres.url(name),
                postgres.user(),
                new Secret(postgres.password()),
                List.of(new SourceTable("public", "t", "t")));
    }

    private static String topic(PostgresSource source) {
        return Topics.changes(source.name(), "t");
    }

    private SourceLog open(PostgresSource source) {
        return servers.kafka.open(source);
    }

    private void capture(PostgresSource source) {
        servers.stream(source);
    }

    private List<Change> awaitChanges(PostgresSource source, int count) throws Exception {
        return servers.awaitChanges(source, "t", count);
    }
}
