package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.Secret;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.lake.storage.BucketAccess;
import io.levada.testing.CutLine;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The committer on a catalog in PostgreSQL: what happens where the connection, the database or the other
/// catalog-service does not do what one would like.
class PostgresCatalogIT {
    private static final String RAW = "raw.s_t";
    private static final String UPDATE = "UPDATE iceberg_tables SET metadata_location";
    private static final CommitSteps NO_STEPS = (_, _) -> {};

    @TempDir
    private static Path serverDirectory;

    private static EmbeddedPostgresServer server;

    @TempDir
    private Path directory;

    private final RecordedEvents published = new RecordedEvents();
    private final CatalogMetrics metrics = new CatalogMetrics(new SimpleMeterRegistry());
    private String database;
    private CutLine line;
    private JdbcCatalog catalog;

    @BeforeAll
    static void startServer() {
        server = EmbeddedPostgresServer.start(serverDirectory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open() throws Exception {
        database = "catalog_" + UUID.randomUUID().toString().replace("-", "");
        server.createDatabase(database);
        line = CutLine.to(server.port());
        catalog = open(line.port());
    }

    @AfterEach
    void close() {
        catalog.close();
        line.close();
    }

    private JdbcCatalog open(int port) {
        return CatalogDatabase.open(
                new CatalogDefinition.Postgres(
                        "jdbc:postgresql://127.0.0.1:" + port + "/" + database,
                        server.user(),
                        new Secret(server.password())),
                CatalogDatabase.storage(directory, directory.resolve("lake").toString(), BucketAccess.DEFAULT));
    }

    private Committer committer(JdbcCatalog on, CommitSteps steps) {
        return new Committer(on, published, steps, metrics, _ -> {}, new Completeness(on, new PublishedPositions()));
    }

    private Table table() {
        return catalog.loadTable(TableIdentifier.of("raw", "s_t"));
    }

    private FilesWritten event(String id, long start, long end, long... ids) {
        return changes(id, RAW, start, end, TestLake.file(table(), ids));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("lake"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /// Guards the look into the history in `MetadataSwap`: without it the second try reports a conflict.
    @Test
    void findsOutThatACommitIsAppliedWhoseAnswerIsLost() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten event = event("e1", 0, 10, 1, 2);
        line.loseAnswers(UPDATE, 1);

        Progress progress = committer(catalog, NO_STEPS).apply(RAW, List.of(event));

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(TestLake.ids(table())).containsExactly(1L, 2L);
        assertThat(table().snapshots()).hasSize(1);
        assertThat(table().properties()).containsEntry(TableProperties.offsets(range(0, 1)), "10");
    }

    @Test
    void deletesNoFileOfACommitWhoseAnswerIsLost() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten event = event("e1", 0, 10, 1);
        committer(catalog, (step, _) -> {
                    if (step == CommitStep.BEFORE_COMMIT) {
                        line.loseAnswers(UPDATE, 1);
                    }
                })
                .apply(RAW, List.of(event));
        List<Path> after = files();

        List<String> named = Stream.concat(
                        Stream.of(table().currentSnapshot().manifestListLocation()),
                        table().currentSnapshot().allManifests(table().io()).stream()
                                .map(manifest -> manifest.path()))
                .toList();

        assertThat(after).extracting(Path::toString).containsAll(named);
    }

    @Test
    void appliesACommitOnceWhoseRequestIsLost() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten event = event("e1", 0, 10, 1);
        line.loseRequests(UPDATE, 1);

        Progress progress = committer(catalog, NO_STEPS).apply(RAW, List.of(event));

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(progress).isEqualTo(new Progress(1, null));
        assertThat(table().snapshots()).hasSize(1);
    }

    /// Another commit came between the lost answer and the look: the earlier one stands in the history.
    @Test
    void findsItsCommitBehindAnothers() throws Exception {
        TestLake.create(catalog, RAW, directory);
        Table table = table();
        try (JdbcCatalog other = open(server.port())) {
            line.loseAnswers(UPDATE, 1);
            CompletableFuture<Void> overtaker =
                    CompletableFuture.runAsync(() -> Eventually.within(Eventually.PATIENCE, () -> {
                        Table seen = other.loadTable(TableIdentifier.of("raw", "s_t"));
                        assertThat(seen.properties()).containsKey("mine");
                        seen.updateProperties().set("others", "1").commit();
                    }));

            table.updateProperties().set("mine", "1").commit();
            overtaker.join();
        }

        assertThat(table().properties()).containsEntry("mine", "1").containsEntry("others", "1");
    }

    @Test
    void createsATableOnceWhoseAnswerIsLost() {
        catalog.createNamespace(org.apache.iceberg.catalog.Namespace.of("raw"));
        line.loseAnswers("INSERT INTO iceberg_tables", 1);

        TestLake.create(catalog, RAW, directory);

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(table().schema().columns()).hasSize(2);
        assertThatThrownBy(() -> TestLake.create(catalog, RAW, directory)).isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void saysThatTheOutcomeIsUnknownWhereTheDatabaseStaysAway() {
        TestLake.create(catalog, RAW, directory);
        Table table = table();
        line.loseRequests(UPDATE, 100);

        assertThatThrownBy(() -> table.updateProperties().set("a", "1").commit())
                .isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void goesOnAfterTheDatabaseWasAway() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten first = event("e1", 0, 10, 1);
        FilesWritten second = event("e2", 10, 20, 2);
        Committer committer = committer(catalog, NO_STEPS);
        server.kill();
        Progress away = committer.apply(RAW, List.of(first, second));
        server.restart();

        Progress back = Eventually.within(
                Eventually.PATIENCE,
                () -> committer.apply(RAW, List.of(first, second)),
                progress -> progress.obstacle() == null);

        assertThat(away.settled()).isZero();
        assertThat(away.obstacle()).extracting(Progress.Obstacle::code).isEqualTo(CatalogError.STORAGE_UNAVAILABLE);
        assertThat(back.settled()).isEqualTo(2);
        assertThat(TestLake.ids(table())).containsExactly(1L, 2L);
    }

    /// The database goes down between the plan and the commit, and is back before the committer gives up.
    @Test
    void commitsOnceWhereTheDatabaseRestartsInTheMiddle() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten event = event("e1", 0, 10, 1);
        CountDownLatch down = new CountDownLatch(1);
        Committer committer = committer(catalog, (step, _) -> {
            if (step == CommitStep.BEFORE_COMMIT && down.getCount() == 1) {
                server.stop();
                down.countDown();
            }
        });
        CompletableFuture<Void> restart = CompletableFuture.runAsync(() -> {
            await(down);
            server.restart();
        });

        Progress progress = Eventually.within(
                Eventually.PATIENCE, () -> committer.apply(RAW, List.of(event)), attempt -> attempt.obstacle() == null);
        restart.join();

        assertThat(progress.settled()).isEqualTo(1);
        assertThat(table().snapshots()).hasSize(1);
        assertThat(TestLake.ids(table())).containsExactly(1L);
    }

    /// Two catalog-services on one database. The first has passed its check and is paused; the second commits the
    /// same events and more. Guards the condition in [FencedOperations#commit].
    @Test
    void refusesInsideTheCommitWhatAnotherCatalogServiceCommittedMeanwhile() throws Exception {
        TestLake.create(catalog, RAW, directory);
        FilesWritten first = event("e1", 0, 10, 1);
        FilesWritten second = event("e2", 10, 20, 2);
        FilesWritten third = event("e3", 20, 30, 3);
        CountDownLatch passed = new CountDownLatch(1);
        CountDownLatch resume = new CountDownLatch(1);
        Committer zombie = committer(catalog, (step, _) -> {
            if (step == CommitStep.BEFORE_COMMIT && passed.getCount() == 1) {
                passed.countDown();
                await(resume);
            }
        });
        CompletableFuture<Progress> paused =
                CompletableFuture.supplyAsync(() -> zombie.apply(RAW, List.of(first, second)));
        await(passed);
        try (JdbcCatalog other = open(server.port())) {
            committer(other, NO_STEPS).apply(RAW, List.of(first, second, third));
        }

        resume.countDown();
        Progress progress = paused.join();

        assertThat(progress).isEqualTo(new Progress(2, null));
        assertThat(TestLake.ids(table())).containsExactly(1L, 2L, 3L);
        assertThat(table().properties()).containsEntry(TableProperties.offsets(range(0, 1)), "30");
        assertThat(table().snapshots()).hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
