package io.levada.catalog.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogDatabase;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.Secret;
import io.levada.lake.storage.BucketAccess;
import io.levada.testing.CutLine;
import io.levada.testing.EmbeddedPostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.iceberg.Schema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.jdbc.UncheckedSQLException;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.view.BaseView;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewBuilder;
import org.apache.iceberg.view.ViewMetadata;
import org.apache.iceberg.view.ViewOperations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What becomes of views, names and namespaces where PostgreSQL carries a change out and its answer is lost. Commits of
/// tables are with the committer's tests.
class LostAnswerIT {
    private static final String COMMIT = "UPDATE iceberg_tables SET metadata_location";
    private static final Namespace CURATED = Namespace.of("curated");
    private static final TableIdentifier VIEW = TableIdentifier.of("curated", "v");
    private static final TableIdentifier TABLE = TableIdentifier.of("curated", "t");
    private static final TableIdentifier RENAMED = TableIdentifier.of("curated", "r");
    private static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));

    @TempDir
    private static Path serverDirectory;

    private static EmbeddedPostgresServer server;

    @TempDir
    private Path directory;

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
        catalog = CatalogDatabase.open(
                new CatalogDefinition.Postgres(
                        "jdbc:postgresql://127.0.0.1:" + line.port() + "/" + database,
                        server.user(),
                        new Secret(server.password())),
                CatalogDatabase.storage(directory, directory.resolve("lake").toString(), BucketAccess.DEFAULT));
        catalog.createNamespace(CURATED, Map.of("owner", "sales"));
    }

    @AfterEach
    void close() {
        catalog.close();
        line.close();
    }

    private ViewBuilder view(String sql) {
        return catalog.buildView(VIEW)
                .withDefaultNamespace(CURATED)
                .withSchema(SCHEMA)
                .withQuery("trino", sql);
    }

    private String sql() {
        return catalog.loadView(VIEW).sqlFor("trino").sql();
    }

    private static ViewOperations operations(View view) {
        return ((BaseView) view).operations();
    }

    /// What others do to the row in the moment after an update of it, as one statement.
    private void overtakenBy(String change) throws SQLException {
        server.execute(
                database,
                "CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + change
                        + " RETURN NEW; END $$",
                "CREATE TRIGGER overtake BEFORE UPDATE ON iceberg_tables FOR EACH ROW EXECUTE FUNCTION overtake()");
    }

    @Test
    void findsOutThatAViewIsReplacedWhoseAnswerIsLost() {
        view("SELECT 1").create();
        line.loseAnswers(COMMIT, 1);

        View replaced = view("SELECT 2").replace();

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(sql()).isEqualTo("SELECT 2");
        assertThat(replaced.history()).hasSize(2);
    }

    @Test
    void replacesAViewOnceWhoseRequestIsLost() {
        view("SELECT 1").create();
        line.loseRequests(COMMIT, 1);

        View replaced = view("SELECT 2").replace();

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(sql()).isEqualTo("SELECT 2");
        assertThat(replaced.history()).hasSize(2);
    }

    /// Another commit came between the lost answer and the look: the row still names the one before.
    @Test
    void findsItsCommitOfAViewBehindAnothers() throws Exception {
        View view = view("SELECT 1").create();
        Path first = Path.of(operations(view).current().metadataFileLocation().replaceFirst("^file:", ""));
        Path others = Files.copy(first, first.resolveSibling("others-" + first.getFileName()));
        overtakenBy(
                "NEW.previous_metadata_location := NEW.metadata_location; NEW.metadata_location := '" + others + "';");
        line.loseAnswers(COMMIT, 1);

        view("SELECT 2").replace();

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(operations(catalog.loadView(VIEW)).current().metadataFileLocation())
                .contains("others-");
    }

    /// A view's metadata has no log of earlier files: after two commits of others nothing tells of ours.
    @Test
    void saysThatTheOutcomeIsUnknownWhereOthersHaveChangedAViewTwice() throws Exception {
        view("SELECT 1").create();
        overtakenBy("NEW.previous_metadata_location := 'others-1'; NEW.metadata_location := 'others-2';");
        line.loseAnswers(COMMIT, 1);

        assertThatThrownBy(() -> view("SELECT 2").replace())
                .isInstanceOf(CommitStateUnknownException.class)
                .hasMessageContaining("does not reach back");
    }

    @Test
    void saysThatTheOutcomeIsUnknownWhereAViewIsGoneAfterwards() throws Exception {
        view("SELECT 1").create();
        overtakenBy("NEW.table_name := 'elsewhere';");
        line.loseAnswers(COMMIT, 1);

        assertThatThrownBy(() -> view("SELECT 2").replace())
                .isInstanceOf(CommitStateUnknownException.class)
                .hasMessageContaining("under another name");
    }

    /// The request is lost, and another commit has taken the base: ours is not there, for certain.
    @Test
    void saysThatAViewHasChangedWhereOnlyTheOthersCommitIsThere() throws Exception {
        ViewOperations operations = operations(view("SELECT 1").create());
        ViewMetadata base = operations.current();
        line.loseRequests(COMMIT, 1);
        server.execute(
                database,
                "UPDATE iceberg_tables SET previous_metadata_location = metadata_location,"
                        + " metadata_location = 'others' WHERE table_name = 'v'");

        assertThatThrownBy(() -> operations.commit(
                        base,
                        ViewMetadata.buildFrom(base)
                                .setProperties(Map.of("a", "1"))
                                .build()))
                .isInstanceOf(CommitFailedException.class)
                .hasMessageContaining("View curated.v has changed");
        assertThat(line.cuts()).isEqualTo(1);
    }

    @Test
    void createsAViewOnceWhoseAnswerIsLost() {
        line.loseAnswers("INSERT INTO iceberg_tables", 1);

        view("SELECT 1").create();

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(sql()).isEqualTo("SELECT 1");
        assertThatThrownBy(() -> view("SELECT 1").create()).isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void saysThatAViewsOutcomeIsUnknownWhereTheDatabaseStaysAway() {
        view("SELECT 1").create();
        line.loseRequests(COMMIT, 100);

        assertThatThrownBy(() -> view("SELECT 2").replace()).isInstanceOf(CommitStateUnknownException.class);
    }

    @Test
    void makesNothingInANamespaceThatIsNotThere() {
        TableIdentifier id = TableIdentifier.of("nowhere", "v");

        assertThatThrownBy(() -> catalog.buildView(id)).isInstanceOf(NoSuchNamespaceException.class);
        assertThatThrownBy(() -> catalog.registerView(id, "v.metadata.json"))
                .isInstanceOf(NoSuchNamespaceException.class);
        assertThatThrownBy(() -> catalog.registerTable(id, "t.metadata.json"))
                .isInstanceOf(NoSuchNamespaceException.class);
    }

    /// A change that is no commit, with the text of its statement, and whether it is made.
    private enum Change {
        DROP_TABLE("DELETE FROM iceberg_tables", it -> it.dropTable(TABLE, false), it -> !it.tableExists(TABLE)),
        DROP_VIEW("DELETE FROM iceberg_tables", it -> it.dropView(VIEW), it -> !it.viewExists(VIEW)),
        RENAME_TABLE(
                "UPDATE iceberg_tables SET table_namespace",
                it -> done(() -> it.renameTable(TABLE, RENAMED)),
                it -> it.tableExists(RENAMED) && !it.tableExists(TABLE)),
        RENAME_VIEW(
                "UPDATE iceberg_tables SET table_namespace",
                it -> done(() -> it.renameView(VIEW, RENAMED)),
                it -> it.viewExists(RENAMED) && !it.viewExists(VIEW)),
        CREATE_NAMESPACE(
                "INSERT INTO iceberg_namespace_properties",
                it -> done(() -> it.createNamespace(Namespace.of("new"), Map.of("owner", "us"))),
                it -> it.namespaceExists(Namespace.of("new"))),
        DROP_NAMESPACE(
                "DELETE FROM iceberg_namespace_properties",
                it -> it.dropNamespace(Namespace.of("empty")),
                it -> !it.namespaceExists(Namespace.of("empty"))),
        SET_PROPERTIES(
                "UPDATE iceberg_namespace_properties",
                it -> it.setProperties(CURATED, Map.of("owner", "them")),
                it -> "them".equals(it.loadNamespaceMetadata(CURATED).get("owner"))),
        REMOVE_PROPERTIES(
                "DELETE FROM iceberg_namespace_properties",
                it -> it.removeProperties(CURATED, Set.of("owner")),
                it -> !it.loadNamespaceMetadata(CURATED).containsKey("owner"));

        private final String statement;
        private final Predicate<JdbcCatalog> change;
        private final Predicate<JdbcCatalog> made;

        Change(String statement, Predicate<JdbcCatalog> change, Predicate<JdbcCatalog> made) {
            this.statement = statement;
            this.change = change;
            this.made = made;
        }

        private static boolean done(Runnable change) {
            change.run();
            return true;
        }
    }

    private void prepare() {
        catalog.createNamespace(Namespace.of("empty"));
        catalog.createTable(TABLE, SCHEMA);
        view("SELECT 1").create();
    }

    @ParameterizedTest
    @EnumSource
    void findsOutThatAChangeIsMadeWhoseAnswerIsLost(Change change) {
        prepare();
        line.loseAnswers(change.statement, 1);

        boolean made = change.change.test(catalog);

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(made).isTrue();
        assertThat(change.made.test(catalog)).isTrue();
    }

    /// It may still be under way in the server, so nothing is claimed; once more, it is made.
    @ParameterizedTest
    @EnumSource
    void claimsNothingOfAChangeWhoseRequestIsLost(Change change) {
        prepare();
        line.loseRequests(change.statement, 1);

        assertThatThrownBy(() -> change.change.test(catalog)).isInstanceOf(UncheckedSQLException.class);

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(change.made.test(catalog)).isFalse();
        assertThat(change.change.test(catalog)).isTrue();
        assertThat(change.made.test(catalog)).isTrue();
    }

    /// Services that start together all want the namespace `raw`: here another has it after the first look.
    @Test
    void tellsThatANamespaceExistsWhereAnotherWasFasterByAMoment() throws Exception {
        server.execute(
                database,
                "CREATE FUNCTION overtake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                        + " RAISE EXCEPTION 'duplicate key' USING ERRCODE = 'unique_violation'; END $$",
                "CREATE TRIGGER overtake BEFORE INSERT ON iceberg_namespace_properties"
                        + " FOR EACH ROW EXECUTE FUNCTION overtake()");

        assertThatThrownBy(() -> catalog.createNamespace(Namespace.of("raw")))
                .isInstanceOf(AlreadyExistsException.class);
    }

    /// SQLite says it in other words.
    @Test
    void tellsThatANamespaceExistsInTheEmbeddedCatalogToo() throws Exception {
        Path data = directory.resolve("embedded");
        try (JdbcCatalog embedded =
                CatalogDatabase.open(data, directory.resolve("lake").toString())) {
            try (Connection connection =
                            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("catalog/catalog.db"));
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TRIGGER overtake BEFORE INSERT ON iceberg_namespace_properties BEGIN"
                        + " INSERT INTO iceberg_namespace_properties VALUES (NEW.catalog_name, NEW.namespace,"
                        + " NEW.property_key, NEW.property_value); END");
            }

            assertThatThrownBy(() -> embedded.createNamespace(Namespace.of("raw")))
                    .isInstanceOf(AlreadyExistsException.class);
        }
    }

    @Test
    void dropsNothingThatIsNotThere() {
        assertThat(catalog.dropView(VIEW)).isFalse();
        assertThat(catalog.dropTable(TABLE, false)).isFalse();
    }
}
