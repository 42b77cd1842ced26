package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.events.FilesWritten;
import io.levada.events.TableCommitted;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.responses.ListTablesResponse;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What committer, sweep and REST catalog expect of any catalog that keeps the lake's tables. Every backend passes it.
abstract class CatalogContract {
    private static final String RAW = "raw.s_t";
    private static final CommitSteps NO_STEPS = (_, _) -> {};

    @TempDir
    private Path directory;

    private TestLake lake;
    private final RecordedEvents published = new RecordedEvents();
    private final CatalogMetrics metrics = new CatalogMetrics(new SimpleMeterRegistry());

    /// Opens the catalog under test, without tables.
    ///
    /// @param lakeLocation where tables without a location of their own lie
    abstract CatalogBackend open(Path directory, String lakeLocation) throws Exception;

    final TestLake lake() {
        return lake;
    }

    final Path directory() {
        return directory;
    }

    @BeforeEach
    void openLake() throws Exception {
        lake = new TestLake(directory, open(directory, TestLake.lakeLocation(directory)));
    }

    @AfterEach
    void closeLake() {
        lake.close();
    }

    final Committer committer(CommitSteps steps) {
        return new Committer(
                lake.catalog(),
                published,
                steps,
                metrics,
                _ -> {},
                new Completeness(lake.catalog(), new PublishedPositions()));
    }

    final Progress apply(FilesWritten... events) {
        return committer(NO_STEPS).apply(events[0].table(), List.of(events));
    }

    @Test
    void keepsWhatATableIsCreatedWith() {
        Table created = lake.create(RAW);

        Table loaded = lake.table(RAW);

        assertThat(loaded.location()).isEqualTo(created.location());
        assertThat(loaded.schema().sameSchema(created.schema())).isTrue();
        assertThat(loaded.spec()).isEqualTo(created.spec());
        assertThat(loaded.currentSnapshot()).isNull();
    }

    @Test
    void laysATableWithoutALocationUnderItsNamespaceInTheLake() {
        lake.namespaces().createNamespace(Namespace.of("curated"));

        Table created = lake.catalog()
                .createTable(
                        TableIdentifier.of("curated", "c"), lake.create(RAW).schema());

        assertThat(created.location()).isEqualTo(TestLake.lakeLocation(directory) + "/curated/c");
    }

    @Test
    void refusesToCreateATableTwice() {
        lake.create(RAW);

        assertThatThrownBy(() -> lake.create(RAW)).isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void tellsThatATableIsNotThere() {
        lake.namespaces().createNamespace(Namespace.of("raw"));

        assertThat(lake.catalog().tableExists(LakeCatalog.identifier("raw.absent")))
                .isFalse();
        assertThat(lake.catalog().dropTable(LakeCatalog.identifier("raw.absent"), false))
                .isFalse();
        assertThatThrownBy(() -> lake.table("raw.absent")).isInstanceOf(NoSuchTableException.class);
    }

    @Test
    void evolvesATable() {
        lake.create(RAW);

        lake.table(RAW)
                .updateSchema()
                .addColumn("later", Types.StringType.get(), "a comment")
                .commit();

        assertThat(lake.table(RAW).schema().findField("later").doc()).isEqualTo("a comment");
    }

    @Test
    void refusesACommitOnAStaleBase() {
        BaseTable stale = (BaseTable) lake.create(RAW);
        TableMetadata base = stale.operations().current();
        lake.table(RAW).updateProperties().set("a", "1").commit();

        TableMetadata lost = base.replaceProperties(Map.of("a", "2"));

        assertThatThrownBy(() -> stale.operations().commit(base, lost)).isInstanceOf(CommitFailedException.class);
        assertThat(lake.property(RAW, "a")).isEqualTo("1");
    }

    @Test
    void letsEveryoneThroughWhoRetriesAConflict() throws Exception {
        lake.create(RAW);
        try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
            List<Callable<Boolean>> commits = IntStream.range(0, 4)
                    .<Callable<Boolean>>mapToObj(writer -> () -> {
                        lake.table(RAW)
                                .updateProperties()
                                .set("writer-" + writer, "1")
                                .commit();
                        return true;
                    })
                    .toList();
            for (Future<Boolean> commit : writers.invokeAll(commits)) {
                assertThat(commit.get()).isTrue();
            }
        }

        assertThat(lake.table(RAW).properties()).containsKeys("writer-0", "writer-1", "writer-2", "writer-3");
    }

    @Test
    void createsATableInATransaction() throws Exception {
        Table model = lake.create(RAW);
        Transaction transaction = lake.catalog()
                .newCreateTableTransaction(TableIdentifier.of("raw", "staged"), model.schema(), model.spec());
        transaction.updateProperties().set("staged", "yes").commit();
        assertThat(lake.catalog().tableExists(TableIdentifier.of("raw", "staged")))
                .isFalse();

        transaction.commitTransaction();

        assertThat(lake.property("raw.staged", "staged")).isEqualTo("yes");
    }

    @Test
    void listsTablesInPagesThatTogetherAreAll() {
        Table model = lake.create(RAW);
        String metadata = ((BaseTable) model).operations().current().metadataFileLocation();
        IntStream.range(0, 8)
                .forEach(number -> lake.catalog().registerTable(TableIdentifier.of("raw", "t" + number), metadata));

        List<TableIdentifier> listed = new ArrayList<>();
        String token = "";
        do {
            ListTablesResponse page = CatalogHandlers.listTables(lake.catalog(), Namespace.of("raw"), token, "4");
            assertThat(page.identifiers()).hasSizeLessThanOrEqualTo(4);
            listed.addAll(page.identifiers());
            token = page.nextPageToken();
        } while (token != null);

        assertThat(listed).hasSize(9).doesNotHaveDuplicates().contains(TableIdentifier.of("raw", "s_t"));
    }

    @Test
    void refusesToListTablesOfANamespaceThatIsNotThere() {
        assertThatThrownBy(() -> lake.catalog().listTables(Namespace.of("absent")))
                .isInstanceOf(NoSuchNamespaceException.class);
    }

    /// Only maintenance deletes files. The handler of the REST protocol asks for no purge.
    @Test
    void dropsATableAndLeavesItsFiles() throws Exception {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        Set<Path> before = files();

        CatalogHandlers.dropTable(lake.catalog(), LakeCatalog.identifier(RAW));

        assertThat(lake.catalog().tableExists(LakeCatalog.identifier(RAW))).isFalse();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void registersATableAgain() throws Exception {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1, 2)));
        String metadata = ((BaseTable) lake.table(RAW)).operations().current().metadataFileLocation();
        lake.catalog().dropTable(LakeCatalog.identifier(RAW), false);

        lake.catalog().registerTable(TableIdentifier.of("raw", "again"), metadata);

        assertThat(lake.ids("raw.again")).containsExactly(1L, 2L);
    }

    @Test
    void keepsPropertiesOfANamespace() {
        Namespace curated = Namespace.of("curated");
        lake.namespaces().createNamespace(curated, Map.of("owner", "sales", "tier", "gold"));

        lake.namespaces().setProperties(curated, Map.of("owner", "finance"));
        lake.namespaces().removeProperties(curated, Set.of("tier"));

        assertThat(lake.namespaces().loadNamespaceMetadata(curated))
                .containsEntry("owner", "finance")
                .doesNotContainKey("tier");
        assertThat(lake.namespaces().listNamespaces()).containsExactly(curated);
    }

    @Test
    void refusesToCreateANamespaceTwice() {
        lake.namespaces().createNamespace(Namespace.of("raw"));

        assertThatThrownBy(() -> lake.namespaces().createNamespace(Namespace.of("raw")))
                .isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void dropsANamespaceOnlyWhenItIsEmpty() {
        lake.create(RAW);

        assertThatThrownBy(() -> lake.namespaces().dropNamespace(Namespace.of("raw")))
                .isInstanceOf(NamespaceNotEmptyException.class);
        lake.catalog().dropTable(LakeCatalog.identifier(RAW), false);
        assertThat(lake.namespaces().dropNamespace(Namespace.of("raw"))).isTrue();
        assertThat(lake.namespaces().namespaceExists(Namespace.of("raw"))).isFalse();
        assertThat(lake.namespaces().dropNamespace(Namespace.of("raw"))).isFalse();
    }

    @Test
    void commitsAnEventOnceHoweverOftenItIsOffered() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1, 2));

        apply(event);
        Progress again = apply(event, event);

        assertThat(again).isEqualTo(new Progress(2, null));
        assertThat(lake.ids(RAW)).containsExactly(1L, 2L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
        assertThat(lake.property(RAW, TableProperties.offsets(range(0, 1)))).isEqualTo("10");
    }

    /// The check inside the commit is made on the base of each attempt, whatever compares and swaps it.
    @Test
    void refusesARangeThatAnotherCommitterTookMeanwhile() throws Exception {
        lake.create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake.file(RAW, 1));
        AtomicBoolean overtaken = new AtomicBoolean();
        Committer zombie = committer((step, table) -> {
            if (step == CommitStep.BEFORE_COMMIT && overtaken.compareAndSet(false, true)) {
                assertThat(committer(NO_STEPS).apply(table, List.of(event))).isEqualTo(new Progress(1, null));
            }
        });

        assertThat(zombie.apply(RAW, List.of(event))).isEqualTo(new Progress(1, null));

        assertThat(lake.ids(RAW)).containsExactly(1L);
        assertThat(lake.table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void announcesEverySnapshotOnceWhoeverCommittedIt() throws Exception {
        lake.create(RAW);
        apply(changes("e1", RAW, 0, 10, lake.file(RAW, 1)));
        apply(changes("e2", RAW, 10, 20, lake.file(RAW, 2)));
        lake.table(RAW)
                .newDelete()
                .deleteFromRowFilter(Expressions.alwaysTrue())
                .commit();
        SnapshotSweep sweep = new SnapshotSweep(lake.catalog(), published, NO_STEPS, metrics, new HashMap<>());

        sweep.sweep(RAW);
        sweep.sweep(RAW);

        List<Long> snapshots = new ArrayList<>();
        for (Snapshot snapshot : lake.table(RAW).snapshots()) {
            snapshots.add(snapshot.snapshotId());
        }
        assertThat(published.committed())
                .extracting(TableCommitted::snapshotId)
                .containsExactlyElementsOf(snapshots)
                .hasSize(3);
    }

    /// Every file of the lake.
    final Set<Path> files() throws IOException {
        try (Stream<Path> paths = Files.walk(directory.resolve("lake"))) {
            return Set.copyOf(paths.filter(Files::isRegularFile).toList());
        }
    }
}
