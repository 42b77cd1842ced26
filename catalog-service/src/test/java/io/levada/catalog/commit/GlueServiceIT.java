package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.definition.AccessTokens;
import io.levada.definition.CatalogDefinition;
import io.levada.events.FilesWritten;
import io.levada.events.TableCommitted;
import io.levada.events.Topics;
import io.levada.lake.LakeCatalog;
import io.levada.lake.WrittenFiles;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import io.levada.testing.aws.EmbeddedGlueServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The whole service with its catalog in Glue: committer, sweep, status and the REST catalog.
final class GlueServiceIT {
    private static final Duration BOUND = Eventually.PATIENCE;

    @TempDir
    private static Path directory;

    private static AwsCredentials credentials;
    private static EmbeddedGlueServer glue;
    private static EmbeddedKafka kafka;
    private static RunningCatalog service;
    private static LakeCatalog lake;

    @BeforeAll
    static void start() {
        credentials = new AwsCredentials();
        glue = EmbeddedGlueServer.start();
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        service = RunningCatalog.start(
                directory,
                kafka.bootstrapServers(),
                (_, _) -> {},
                new CatalogDefinition.Glue("eu-west-1", glue.endpoint(), null, "shop_"),
                AccessTokens.NONE);
        lake = LakeCatalog.connect(service.uri("/iceberg"));
    }

    @AfterAll
    static void stop() {
        lake.close();
        service.close();
        kafka.close();
        glue.close();
        credentials.close();
    }

    private static Table table(String name) {
        return lake.load(name).orElseThrow();
    }

    private static List<TableCommitted> announced(String table) {
        return RunningCatalog.events(kafka.bootstrapServers(), Topics.TABLE_COMMITTED, table, TableCommitted.class);
    }

    private static int readiness() throws Exception {
        return service.call("GET", "/actuator/health/readiness", "").statusCode();
    }

    @Test
    void commitsAndAnnouncesWhatIsWritten() throws Exception {
        String name = "raw.it_plain";
        Table table = TestLake.create(lake.iceberg(), name, directory);

        RunningCatalog.send(
                kafka.bootstrapServers(),
                changes("p1", name, 0, 3, file(table, 1, 2)),
                changes("p2", name, 3, 5, file(table, 3)));

        Eventually.within(BOUND, () -> assertThat(ids(table(name))).containsExactly(1L, 2L, 3L));
        Eventually.within(BOUND, () -> announced(name), events -> !events.isEmpty());
        assertThat(service.status().path("tables").valueStream())
                .extracting(shown -> shown.path("name").asString())
                .contains(name);
        assertThat(glue.calls("UpdateTable"))
                .isNotEmpty()
                .allMatch(request -> request.path("VersionId").isString())
                .allMatch(request -> request.path("SkipArchive").asBoolean());
    }

    /// Other engines, too, work by the REST catalog: what they commit is announced under the name that is listed.
    @Test
    void announcesWhatAnEngineCommitsUnderTheListedName() {
        Table table = TestLake.create(lake.iceberg(), "Curated.Orders", directory);

        table.newAppend()
                .appendFile(WrittenFiles.toDataFile(file(table, 1), table.spec()))
                .commit();

        Eventually.within(BOUND, () -> announced("curated.orders"), events -> !events.isEmpty());
        assertThat(announced("Curated.Orders")).isEmpty();
        assertThat(lake.tables("curated")).containsExactly("curated.orders");
    }

    @Test
    void answersWhatGlueDoesNotTakeAsTheProtocolSays() throws Exception {
        RESTCatalog engine = lake.iceberg();
        Table table = TestLake.create(engine, "raw.it_limits", directory);

        assertThat(service.call("POST", "/iceberg/v1/namespaces", "{\"namespace\":[\"a\",\"b\"]}")
                        .statusCode())
                .isEqualTo(400);
        assertThatThrownBy(() -> table.updateSchema()
                        .addColumn("n".repeat(256), Types.LongType.get())
                        .commit())
                .hasMessageContaining("CATALOG_LIMIT: raw.it_limits");
        assertThatThrownBy(() -> engine.renameTable(
                        TableIdentifier.of("raw", "it_limits"), TableIdentifier.of("raw", "it_renamed")))
                .hasMessageContaining("Glue can not rename a table in one step");
        JsonNode config = service.json("GET", "/iceberg/v1/config", "");
        assertThat(config.path("endpoints").valueStream())
                .noneMatch(endpoint -> endpoint.asString().contains("views"));
        assertThat(engine.namespaceExists(Namespace.of("raw"))).isTrue();
    }

    /// Nothing is lost while Glue is away: what was offered meanwhile is committed once it is back.
    @Test
    void isNotReadyWhileGlueIsAwayAndCommitsWhatWasOfferedMeanwhile() throws Exception {
        String name = "raw.it_away";
        Table table = TestLake.create(lake.iceberg(), name, directory);
        Eventually.within(BOUND, () -> assertThat(readiness()).isEqualTo(200));
        FilesWritten event = changes("a1", name, 0, 3, file(table, 1, 2));

        glue.away(true);
        RunningCatalog.send(kafka.bootstrapServers(), event);
        Eventually.within(BOUND, () -> assertThat(readiness()).isEqualTo(503));
        HttpResponse<String> status = service.call("GET", "/v1/status", "");
        assertThat(status.statusCode()).isEqualTo(503);
        assertThat(status.body()).contains("CATALOG_AWAY");
        glue.away(false);

        Eventually.within(BOUND, () -> assertThat(ids(table(name))).containsExactly(1L, 2L));
        Eventually.within(BOUND, () -> assertThat(readiness()).isEqualTo(200));
    }
}
