package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.AccessTokens;
import io.levada.definition.CatalogDefinition;
import io.levada.definition.Secret;
import io.levada.events.FilesWritten;
import io.levada.lake.LakeCatalog;
import io.levada.testing.CutLine;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole service with its catalog in PostgreSQL, and with tokens.
class PostgresServiceIT {
    private static final String OWN = "own-0123456789-0123456789";
    private static final String UPDATE = "UPDATE iceberg_tables SET metadata_location";

    @TempDir
    private static Path directory;

    private static EmbeddedKafka kafka;
    private static EmbeddedPostgresServer server;
    private static CutLine line;
    private static RunningCatalog service;
    private static LakeCatalog lake;

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        server = EmbeddedPostgresServer.start(directory.resolve("postgres"));
        server.createDatabase("lake_catalog");
        line = CutLine.to(server.port());
        service = RunningCatalog.start(
                directory,
                kafka.bootstrapServers(),
                (_, _) -> {},
                new CatalogDefinition.Postgres(
                        "jdbc:postgresql://127.0.0.1:" + line.port() + "/lake_catalog",
                        server.user(),
                        new Secret(server.password())),
                new AccessTokens(Map.of("levada", new Secret(OWN))));
        lake = LakeCatalog.connect(service.uri("/iceberg"), OWN);
    }

    @AfterAll
    static void stop() {
        lake.close();
        service.close();
        line.close();
        server.close();
        kafka.close();
    }

    private static Table table(String name) {
        return lake.load(name).orElseThrow();
    }

    private static int readiness() throws Exception {
        return service.call("GET", "/actuator/health/readiness", "").statusCode();
    }

    @Test
    void demandsATokenForItsOtherApisToo() throws Exception {
        assertThat(service.call("GET", "/v1/status", "").statusCode()).isEqualTo(401);
        assertThat(service.call("GET", "/registry/subjects", "").statusCode()).isEqualTo(401);
        assertThat(service.call("GET", "/iceberg/v1/config", "").statusCode()).isEqualTo(401);
    }

    /// The client sees a success: no false conflict, no second commit, no file deleted.
    @Test
    void tellsAClientThatItsCommitIsAppliedWhoseAnswerTheDatabaseLost() throws Exception {
        TestLake.create(lake.iceberg(), "raw.p_lost", directory);
        RESTCatalog engine = lake.iceberg();
        Table table = engine.loadTable(TableIdentifier.of("raw", "p_lost"));
        org.apache.iceberg.DataFile data = io.levada.lake.WrittenFiles.toDataFile(file(table, 1, 2), table.spec());
        line.loseAnswers(UPDATE, 1);

        table.newAppend().appendFile(data).commit();

        assertThat(line.cuts()).isPositive();
        assertThat(table("raw.p_lost").snapshots()).hasSize(1);
        assertThat(ids(table("raw.p_lost"))).containsExactly(1L, 2L);
    }

    @Test
    void tellsAClientThatItsViewIsReplacedWhoseAnswerTheDatabaseLost() {
        RESTCatalog engine = lake.iceberg();
        TestLake.create(engine, "raw.p_viewed", directory);
        Function<String, ViewBuilder> view = sql -> engine.buildView(TableIdentifier.of("raw", "p_view"))
                .withDefaultNamespace(Namespace.of("raw"))
                .withSchema(table("raw.p_viewed").schema())
                .withQuery("trino", sql);
        view.apply("SELECT 1").create();
        int cuts = line.cuts();
        line.loseAnswers(UPDATE, 1);

        View replaced = view.apply("SELECT 2").replace();

        assertThat(line.cuts()).isEqualTo(cuts + 1);
        assertThat(replaced.sqlFor("trino").sql()).isEqualTo("SELECT 2");
        assertThat(replaced.history()).hasSize(2);
    }

    /// A conflict would be a lie: nobody else has made it.
    @Test
    void tellsAClientThatItsNamespaceIsMadeWhoseAnswerTheDatabaseLost() {
        int cuts = line.cuts();
        line.loseAnswers("INSERT INTO iceberg_namespace_properties", 1);

        lake.iceberg().createNamespace(Namespace.of("p_lost"), new HashMap<>(Map.of("owner", "us")));

        assertThat(line.cuts()).isEqualTo(cuts + 1);
        assertThat(lake.iceberg().loadNamespaceMetadata(Namespace.of("p_lost"))).containsEntry("owner", "us");
    }

    @Test
    void isNotReadyWhileTheDatabaseIsAwayAndThenCommitsWhatCameMeanwhile() throws Exception {
        String name = "raw.p_away";
        Table table = TestLake.create(lake.iceberg(), name, directory);
        FilesWritten first = changes("p1", name, 0, 10, file(table, 1));
        FilesWritten second = changes("p2", name, 10, 20, file(table, 2));
        RunningCatalog.send(kafka.bootstrapServers(), first);
        Eventually.within(
                Eventually.PATIENCE, () -> assertThat(ids(table(name))).containsExactly(1L));
        server.stop();
        Eventually.within(Eventually.PATIENCE, () -> assertThat(readiness()).isEqualTo(503));
        RunningCatalog.send(kafka.bootstrapServers(), second);

        server.restart();

        Eventually.within(Eventually.PATIENCE, () -> assertThat(readiness()).isEqualTo(200));
        Eventually.within(
                Eventually.PATIENCE, () -> assertThat(ids(table(name))).containsExactly(1L, 2L));
        assertThat(table(name).snapshots()).hasSize(2);
    }
}
