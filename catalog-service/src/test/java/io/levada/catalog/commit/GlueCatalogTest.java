package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogError;
import io.levada.catalog.glue.CatalogLimitException;
import io.levada.catalog.glue.GlueLakeCatalog;
import io.levada.definition.CatalogDefinition;
import io.levada.events.FilesWritten;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LocalFileIO;
import io.levada.lake.WrittenFiles;
import io.levada.testing.aws.EmbeddedGlueServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Against a server that checks each request by AWS's model of Glue: its closing fails the test that broke a limit.
final class GlueCatalogTest extends CatalogContract {
    private static final String RAW = "raw.s_t";

    private final AwsCredentials credentials = new AwsCredentials();
    private final EmbeddedGlueServer glue = EmbeddedGlueServer.start();

    @Override
    CatalogBackend open(Path directory, String lakeLocation) {
        return CatalogBackend.of(GlueLakeCatalog.open(
                new CatalogDefinition.Glue("eu-west-1", glue.endpoint(), "000000000000", "shop_"),
                lakeLocation,
                new LocalFileIO()));
    }

    @AfterEach
    void stopGlue() {
        glue.close();
        credentials.close();
    }

    private JsonNode glueTable() {
        return glue.ask("GetTable", "{\"DatabaseName\": \"shop_raw\", \"Name\": \"s_t\"}")
                .path("Table");
    }

    /// What Athena, Redshift Spectrum and EMR look at.
    @Test
    void describesATableForTheEnginesOnGlue() {
        Table table = lake().create(RAW);

        JsonNode described = glueTable();

        assertThat(described.path("TableType").asString()).isEqualTo("EXTERNAL_TABLE");
        assertThat(described.path("Parameters").path("table_type").asString()).isEqualTo("ICEBERG");
        assertThat(described.path("Parameters").path("metadata_location").asString())
                .isEqualTo(((BaseTable) table).operations().current().metadataFileLocation());
        assertThat(described.path("StorageDescriptor").path("Location").asString())
                .isEqualTo(table.location());
        assertThat(described.path("StorageDescriptor").path("Columns").valueStream())
                .extracting(column -> column.path("Name").asString() + " "
                        + column.path("Type").asString())
                .containsExactly("id bigint", "part string");
    }

    @Test
    void locksByVersionAndArchivesNone() throws Exception {
        glue.mostArchivedVersions(0);
        lake().create(RAW);

        apply(changes("e1", RAW, 0, 10, lake().file(RAW, 1)));
        apply(changes("e2", RAW, 10, 20, lake().file(RAW, 2)));

        assertThat(glue.calls("UpdateTable"))
                .extracting(request -> request.path("VersionId").asString() + " "
                        + request.path("SkipArchive").asString())
                .containsExactly("0 true", "1 true");
        assertThat(glue.ask("GetTableVersions", "{\"DatabaseName\": \"shop_raw\", \"TableName\": \"s_t\"}")
                        .path("TableVersions")
                        .size())
                .isEqualTo(1);
    }

    /// The committer loads the table, Iceberg reads it again for the transaction, for its commit and before the
    /// swap. Nothing else is asked, no lock of DynamoDB either.
    @Test
    void costsFiveRequestsACommit() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1));
        glue.forgetCalls();

        apply(event);

        assertThat(glue.calls())
                .extracting(EmbeddedGlueServer.Call::operation)
                .containsExactly("GetTable", "GetTable", "GetTable", "GetTable", "UpdateTable");
    }

    @Test
    void commitsOnceWhereTheAnswerToACommitIsLost() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.loseAnswers("UpdateTable", 1);

        Progress progress = apply(event);

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    /// Iceberg's own operations delete the committed metadata here: such an answer is no refusal.
    @ParameterizedTest
    @ValueSource(strings = {"OperationTimeoutException 400", "InternalServiceException 500", "Unknown 503"})
    void commitsOnceWhereGlueFailsAfterItHasCarriedOutACommit(String answer) throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.failAfterApplying("UpdateTable", 1, answer.split(" ")[0], Integer.parseInt(answer.split(" ")[1]));

        Progress progress = apply(event);

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    /// The first attempt was carried out; what the second is refused for says nothing about it.
    @Test
    void deletesNothingWhereALaterAttemptIsRefused() throws Exception {
        lake().create(RAW);
        Table table = lake().table(RAW);
        glue.loseAnswers("UpdateTable", 1);
        glue.refuse("UpdateTable", 1, "AccessDeniedException", 400);
        // Those of the commit itself, then those that look for its outcome.
        glue.overtake("GetTable", () -> {});
        glue.overtake("GetTable", () -> {});
        glue.refuse("GetTable", 4, "AccessDeniedException", 400);

        assertThatThrownBy(() -> table.newAppend()
                        .appendFile(WrittenFiles.toDataFile(lake().file(table, 1, 2), table.spec()))
                        .commit())
                .isInstanceOf(CommitStateUnknownException.class)
                .hasMessageContaining("Glue may have carried out the request");

        assertThat(glue.calls("UpdateTable")).hasSize(2);
        assertThat(lake().ids(RAW)).containsExactly(1L, 2L);
    }

    @Test
    void refusesATableInANamespaceThatIsNotThere() {
        Schema schema = lake().create(RAW).schema();

        assertThatThrownBy(() -> lake().catalog().createTable(TableIdentifier.of("absent", "t"), schema))
                .isInstanceOf(NoSuchNamespaceException.class);
    }

    @Test
    void createsATableOnceWhereTheAnswerIsLost() {
        lake().namespaces().createNamespace(Namespace.of("raw"));
        glue.loseAnswers("CreateTable", 1);

        lake().create(RAW);

        assertThat(lake().catalog().listTables(Namespace.of("raw"))).containsExactly(LakeCatalog.identifier(RAW));
        assertThat(lake().table(RAW).schema().columns()).hasSize(2);
    }

    /// Without it the client's second attempt is told that the database exists.
    @Test
    void makesANamespaceWhoseAnswerIsLost() {
        Namespace raw = Namespace.of("raw");
        glue.loseAnswers("CreateDatabase", 1);

        lake().namespaces().createNamespace(raw, Map.of("owner", "us"));

        assertThat(glue.calls("CreateDatabase")).hasSize(2);
        assertThat(lake().namespaces().loadNamespaceMetadata(raw)).containsEntry("owner", "us");
    }

    @Test
    void tellsThatANamespaceExistsWhereALostRequestMeetsSomebodyElses() {
        Namespace raw = Namespace.of("raw");
        glue.failAfterApplying("CreateDatabase", 1, "InternalServiceException", 500);
        glue.overtake("CreateDatabase", () -> {
            glue.ask("DeleteDatabase", "{\"Name\": \"shop_raw\"}");
            glue.ask("CreateDatabase", "{\"DatabaseInput\": {\"Name\": \"shop_raw\"}}");
        });

        assertThatThrownBy(() -> lake().namespaces().createNamespace(raw, Map.of("owner", "us")))
                .isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void dropsATableAndANamespaceWhoseAnswersAreLost() {
        lake().create(RAW);
        glue.loseAnswers("DeleteTable", 1);
        glue.loseAnswers("DeleteDatabase", 1);

        assertThat(lake().catalog().dropTable(LakeCatalog.identifier(RAW), false))
                .isTrue();
        assertThat(lake().namespaces().dropNamespace(Namespace.of("raw"))).isTrue();

        assertThat(lake().namespaces().listNamespaces()).isEmpty();
    }

    @Test
    void saysThatTheOutcomeIsUnknownWhereNoAttemptToMakeANamespaceHasAnAnswer() {
        glue.refuse("CreateDatabase", 8, "InternalServiceException", 500);

        assertThatThrownBy(() -> lake().namespaces().createNamespace(Namespace.of("raw")))
                .isInstanceOf(CommitStateUnknownException.class)
                .hasMessageContaining("raw: Glue may have carried out the request");
    }

    private void assertCommittedOnce() throws Exception {
        assertThat(lake().ids(RAW)).containsExactly(1L, 2L);
        assertThat(lake().table(RAW).snapshots()).hasSize(1);
    }

    @Test
    void retriesOnTheNewBaseWhereSomebodyElseWasFaster() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.overtake(
                "UpdateTable",
                () -> lake().table(RAW).updateProperties().set("other", "1").commit());

        Progress progress = apply(event);

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
        assertThat(lake().property(RAW, "other")).isEqualTo("1");
    }

    /// The very same range, committed in the moment between the check and the swap: the attempt on the new base
    /// is fenced.
    @Test
    void fencesTheRetryWhereTheFasterOneCommittedTheSame() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.overtake("UpdateTable", () -> apply(event));

        Progress progress = apply(event);

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    @Test
    void waitsAndComesThroughWhereGlueThrottles() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.throttle("GetTable", 3);
        glue.throttle("UpdateTable", 3);

        Progress progress = apply(event);

        assertThat(progress).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    @Test
    void saysThatGlueIsBusyWhereItThrottlesForLong() {
        lake().create(RAW);
        glue.throttle("GetTable", 8);

        assertThatThrownBy(() -> lake().table(RAW))
                .isInstanceOf(ServiceUnavailableException.class)
                .hasMessageContaining(RAW);
    }

    @Test
    void parksATableThatGlueDoesNotLetUsChangeAndGoesOnOnceItDoes() throws Exception {
        lake().create(RAW);
        FilesWritten event = changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2));
        glue.refuse("UpdateTable", 2, "AccessDeniedException", 400);

        Progress parked = apply(event);

        assertThat(parked.settled()).isZero();
        assertThat(parked.obstacle()).satisfies(obstacle -> {
            assertThat(obstacle.code()).isEqualTo(CatalogError.CATALOG_REFUSED);
            assertThat(obstacle.reason()).contains(RAW);
        });
        assertThat(apply(event)).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    @Test
    void listsMoreTablesThanOnePageOfGlue() {
        Table model = lake().create(RAW);
        String metadata = ((BaseTable) model).operations().current().metadataFileLocation();
        IntStream.range(0, 120)
                .forEach(number -> lake().catalog().registerTable(TableIdentifier.of("raw", "t" + number), metadata));
        glue.forgetCalls();

        List<TableIdentifier> tables = lake().catalog().listTables(Namespace.of("raw"));

        assertThat(tables).hasSize(121).doesNotHaveDuplicates();
        assertThat(glue.calls("GetTables")).hasSize(2);
    }

    @Test
    void foldsNamesToLowerCase() {
        lake().namespaces().createNamespace(Namespace.of("Analytics"));
        Schema schema = lake().create(RAW).schema();

        lake().catalog().createTable(TableIdentifier.of("Analytics", "Orders"), schema);

        assertThat(lake().namespaces().listNamespaces())
                .containsExactlyInAnyOrder(Namespace.of("analytics"), Namespace.of("raw"));
        assertThat(lake().catalog().listTables(Namespace.of("ANALYTICS")))
                .containsExactly(TableIdentifier.of("analytics", "orders"));
        assertThat(lake().catalog().tableExists(TableIdentifier.of("analytics", "ORDERS")))
                .isTrue();
    }

    @Test
    void saysWhichTwoNamesCollide() {
        lake().namespaces().createNamespace(Namespace.of("analytics"));
        Schema schema = lake().create(RAW).schema();
        lake().catalog().createTable(TableIdentifier.of("analytics", "orders"), schema);

        assertThatThrownBy(() -> lake().catalog().createTable(TableIdentifier.of("analytics", "Orders"), schema))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("analytics.Orders")
                .hasMessageContaining("analytics.orders is there already");
        assertThatThrownBy(() -> lake().namespaces().createNamespace(Namespace.of("Analytics")))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("folds names to lower case");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with-dash", "größe", "a b", ""})
    void refusesNamesThatTheEnginesOnGlueDoNotTake(String name) {
        Schema schema = lake().create(RAW).schema();

        assertThatThrownBy(() -> lake().catalog().createTable(TableIdentifier.of("raw", name), schema))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> lake().namespaces().createNamespace(Namespace.of(name)))
                .isInstanceOf(CatalogLimitException.class)
                .hasMessageStartingWith("CATALOG_LIMIT: namespace " + name);
    }

    @Test
    void refusesNestedNamespaces() {
        Namespace nested = Namespace.of("raw", "inner");

        assertThatThrownBy(() -> lake().namespaces().createNamespace(nested))
                .isInstanceOf(CatalogLimitException.class)
                .hasMessageContaining("one level");
        assertThat(lake().namespaces().namespaceExists(nested)).isFalse();
    }

    @Test
    void showsOnlyDatabasesWithItsPrefix() {
        lake().create(RAW);
        glue.ask("CreateDatabase", "{\"DatabaseInput\": {\"Name\": \"payroll\"}}");

        assertThat(lake().namespaces().listNamespaces()).containsExactly(Namespace.of("raw"));
        assertThat(lake().namespaces().namespaceExists(Namespace.of("payroll"))).isFalse();
    }

    @Test
    void leavesTablesAloneThatAreNotIcebergs() {
        lake().create(RAW);
        glue.ask(
                "CreateTable",
                "{\"DatabaseName\": \"shop_raw\", \"TableInput\": {\"Name\": \"hive\", \"Parameters\": {}}}");
        TableIdentifier hive = TableIdentifier.of("raw", "hive");

        assertThat(lake().catalog().dropTable(hive, true)).isFalse();

        assertThat(lake().catalog().listTables(Namespace.of("raw"))).containsExactly(LakeCatalog.identifier(RAW));
        assertThatThrownBy(() -> lake().catalog().loadTable(hive)).isInstanceOf(NoSuchTableException.class);
        assertThat(glue.calls("DeleteTable")).isEmpty();
    }

    @Test
    void neverDeletesFilesOnDropEvenWhereAPurgeIsAskedFor() throws Exception {
        lake().create(RAW);
        apply(changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2)));
        Set<Path> before = files();

        assertThat(lake().catalog().dropTable(LakeCatalog.identifier(RAW), true))
                .isTrue();

        assertThat(files()).isEqualTo(before);
    }

    @Test
    void refusesToRenameAndSaysWhatToDoInstead() {
        lake().create(RAW);

        assertThatThrownBy(() -> lake().catalog()
                        .renameTable(TableIdentifier.of("raw", "s_t"), TableIdentifier.of("raw", "other")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("register its metadata file as raw.other");
        assertThat(lake().catalog().tableExists(LakeCatalog.identifier(RAW))).isTrue();
    }

    @Test
    void keepsAWideTableWithinGluesLimits() {
        lake().namespaces().createNamespace(Namespace.of("raw"));
        Schema wide = new Schema(IntStream.rangeClosed(1, 1500)
                .mapToObj(id -> Types.NestedField.optional(
                        id, "column_with_quite_a_long_name_" + id, Types.DecimalType.of(38, 10), "comment " + id))
                .toList());

        lake().catalog().createTable(TableIdentifier.of("raw", "wide"), wide);

        assertThat(lake().table("raw.wide").schema().columns()).hasSize(1500);
        assertThat(glue.calls("CreateTable")
                        .getLast()
                        .path("TableInput")
                        .path("StorageDescriptor")
                        .path("Columns")
                        .size())
                .isEqualTo(1500);
    }

    @Test
    void shortensTextsForReadersAndKeepsThemWhole() {
        lake().namespaces().createNamespace(Namespace.of("raw"));
        String doc = "first line\nsecond line " + "😀".repeat(300);
        Schema schema = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get(), doc));

        lake().catalog()
                .buildTable(TableIdentifier.of("raw", "s_t"), schema)
                .withProperty("comment", "d".repeat(3000))
                .create();

        assertThat(lake().table(RAW).schema().findField("id").doc()).isEqualTo(doc);
        String comment = glueTable()
                .path("StorageDescriptor")
                .path("Columns")
                .path(0)
                .path("Comment")
                .asString();
        assertThat(comment).startsWith("first line second line ").endsWith("…");
        assertThat(comment.codePointCount(0, comment.length())).isEqualTo(255);
    }

    @Test
    void refusesATypeThatGlueDoesNotTakeAndLeavesTheTableAsItWas() throws Exception {
        lake().create(RAW);
        Set<Path> before = files();

        assertThatThrownBy(() -> lake().table(RAW)
                        .updateSchema()
                        .addColumn("deep", deep())
                        .commit())
                .isInstanceOf(CatalogLimitException.class)
                .hasMessageStartingWith("CATALOG_LIMIT: raw.s_t: the type of column `deep` has ")
                .hasMessageContaining("at most 131072");

        assertThat(files()).isEqualTo(before);
        assertThat(lake().table(RAW).schema().columns()).hasSize(2);
        assertThat(apply(changes("e1", RAW, 0, 10, lake().file(RAW, 1, 2)))).isEqualTo(new Progress(1, null));
        assertCommittedOnce();
    }

    /// 20 levels of 300 fields each.
    private static Type deep() {
        AtomicInteger ids = new AtomicInteger(100);
        Type type = Types.LongType.get();
        for (int level = 0; level < 20; level++) {
            Type inner = type;
            type = Types.StructType.of(IntStream.range(0, 300)
                    .mapToObj(number -> Types.NestedField.optional(
                            ids.incrementAndGet(),
                            "a_field_with_a_long_name_" + number,
                            number == 0 ? inner : Types.LongType.get()))
                    .toList());
        }
        return type;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tab\nbreak", "n"})
    void refusesColumnNamesThatGlueDoesNotTake(String name) {
        lake().create(RAW);
        String column = name.equals("n") ? "n".repeat(256) : name;

        assertThatThrownBy(() -> lake().table(RAW)
                        .updateSchema()
                        .addColumn(column, Types.LongType.get())
                        .commit())
                .isInstanceOf(CatalogLimitException.class)
                .hasMessageContaining("the name of column `");
    }

    @Test
    void tellsWhatTheCredentialsMayNotDo() {
        lake().create(RAW);
        glue.refuse("GetTable", 1, "AccessDeniedException", 400);

        assertThatThrownBy(() -> lake().table(RAW))
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining("raw.s_t: the credentials of catalog-service may not do this");
    }

    /// Whoever takes this for a failed commit deletes files that the table now consists of.
    @Test
    void saysThatTheStateIsUnknownWhereATableCanNotBeReadAfterItsCommit() {
        BaseTable table = (BaseTable) lake().create(RAW);
        TableOperations operations = table.operations();
        TableMetadata base = operations.refresh();
        operations.commit(base, base.replaceProperties(Map.of("a", "1")));
        glue.throttle("GetTable", 8);

        assertThatThrownBy(operations::current).isInstanceOf(CommitStateUnknownException.class);
        assertThat(lake().property(RAW, "a")).isEqualTo("1");
    }

    @Test
    void usesOneFileIOForAllTables() {
        Table table = lake().create(RAW);

        assertThat(lake().table(RAW).io()).isSameAs(table.io()).isInstanceOf(LocalFileIO.class);
    }

    /// Proves the server's own part in the tests above.
    @Test
    void refusesAStaleVersion() {
        lake().create(RAW);
        BaseTable first = (BaseTable) lake().table(RAW);
        BaseTable second = (BaseTable) lake().table(RAW);
        TableMetadata base = first.operations().current();
        TableMetadata stale = second.operations().current();
        first.operations().commit(base, base.replaceProperties(Map.of("a", "1")));

        assertThatThrownBy(() -> second.operations().commit(stale, stale.replaceProperties(Map.of("a", "2"))))
                .isInstanceOf(CommitFailedException.class);
    }
}
