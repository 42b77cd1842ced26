package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.arrived;
import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.file;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.LineageDefinition;
import io.levada.events.FilesWritten;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `raw.s_t` and `raw.s_files` come from sources, `stage.s_t` from the one, `curated.c` from the mirror and the other.
class LineageIT {
    private static final String RAW = "raw.s_t";
    private static final String FILES = "raw.s_files";
    private static final String STAGE = "stage.s_t";
    private static final String CURATED = "curated.c";

    @TempDir
    private static Path directory;

    private static EmbeddedKafka kafka;
    private static RunningCatalog service;
    private static LakeCatalog lake;
    private static long raw;
    private static long files;
    private static long stage;
    private static long curated;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        service = RunningCatalog.start(
                directory,
                kafka.bootstrapServers(),
                (_, _) -> {},
                LineageDefinitions.telling(directory, LineageDefinition.silent("test")));
        lake = LakeCatalog.connect(service.uri("/iceberg"));
        for (String table : List.of(RAW, FILES)) {
            create(table).updateProperties().set(TableProperties.SOURCE, "s").commit();
        }
        raw = committed(changes("r1", RAW, 0, 10, file(table(RAW), 1)));
        files = committed(arrived("f1", FILES, 1, file(table(FILES), 2)));
        create(STAGE);
        create(CURATED);
        stage = committed(curated("m1", STAGE, null, Map.of(RAW, List.of(raw)), file(table(STAGE), 1)));
        curated = committed(curated(
                "c1", CURATED, null, Map.of(STAGE, List.of(stage), FILES, List.of(files)), file(table(CURATED), 1, 2)));
    }

    @AfterAll
    static void stop() {
        lake.close();
        service.close();
        kafka.close();
    }

    private static Table create(String name) {
        return TestLake.create(lake.iceberg(), name, directory);
    }

    private static Table table(String name) {
        return lake.load(name).orElseThrow();
    }

    /// @return the snapshot that an event becomes
    private static long committed(FilesWritten event) {
        RunningCatalog.send(kafka.bootstrapServers(), event);
        return Eventually.within(
                        Eventually.PATIENCE,
                        () -> table(event.table()).currentSnapshot(),
                        snapshot -> snapshot != null
                                && event.id().equals(snapshot.summary().get(TableProperties.SUMMARY_EVENTS)))
                .snapshotId();
    }

    private static JsonNode lineage(String request) throws Exception {
        HttpResponse<String> answer = service.call("GET", "/v1/lineage/" + request, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static List<String> ids(JsonNode lineage) {
        return lineage.path("nodes")
                .valueStream()
                .map(node -> node.path("id").asString())
                .toList();
    }

    private static JsonNode edge(JsonNode lineage, String from, String to) {
        return lineage.path("edges")
                .valueStream()
                .filter(edge -> edge.path("from").asString().equals(from)
                        && edge.path("to").asString().equals(to))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No edge from " + from + " to " + to + " in " + lineage));
    }

    private static JsonNode node(JsonNode lineage, String id) {
        return lineage.path("nodes")
                .valueStream()
                .filter(node -> node.path("id").asString().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void followsATableUpToThePositionsOfItsSources() throws Exception {
        JsonNode up = lineage(CURATED + "?direction=up&snapshot=" + curated);

        String database = "source:s/shop.public.t";
        String folder = "source:s/" + FILES;
        assertThat(up.path("snapshotId").asString()).isEqualTo(Long.toString(curated));
        assertThat(ids(up))
                .containsExactlyInAnyOrder(
                        CURATED + "@" + curated,
                        STAGE + "@" + stage,
                        FILES + "@" + files,
                        RAW + "@" + raw,
                        database,
                        folder);
        assertThat(edge(up, STAGE + "@" + stage, CURATED + "@" + curated)
                        .path("toSnapshot")
                        .asString())
                .isEqualTo(Long.toString(stage));
        JsonNode landed =
                edge(up, database, RAW + "@" + raw).path("wrote").path("ranges").get(0);
        assertThat(landed.path("topic").asString()).isEqualTo("levada.changes.s.t");
        assertThat(landed.path("start").asLong()).isZero();
        assertThat(landed.path("end").asLong()).isEqualTo(10);
        JsonNode taken = edge(up, folder, FILES + "@" + files);
        assertThat(taken.path("position").path("position").asString()).isEqualTo("1");
        assertThat(taken.path("wrote").path("files").get(0).path("path").asString())
                .isEqualTo("f1.csv");
        assertThat(node(up, database).path("source").path("type").asString()).isEqualTo("postgres");
        assertThat(node(up, RAW + "@" + raw).path("snapshot").path("cause").asString())
                .isEqualTo("CHANGES");
        assertThat(up.path("truncated").asBoolean()).isFalse();
    }

    @Test
    void followsATableDownToLoadsAndQueries() throws Exception {
        JsonNode down = lineage(RAW + "?direction=down&snapshot=" + raw);

        assertThat(ids(down))
                .containsExactlyInAnyOrder(
                        RAW + "@" + raw, STAGE + "@" + stage, CURATED + "@" + curated, "load:shop.c", "query:newest");
        edge(down, CURATED + "@" + curated, "load:shop.c");
        assertThat(node(down, STAGE + "@" + stage)
                        .path("snapshot")
                        .path("behind")
                        .asBoolean())
                .isFalse();
        assertThat(ids(lineage(STAGE + "?direction=both&snapshot=" + stage)))
                .contains(RAW + "@" + raw, CURATED + "@" + curated, "query:newest");
    }

    @Test
    void saysWhichTablesDoNotHoldASnapshotYet() throws Exception {
        long newer = committed(changes("r2", RAW, 10, 12, file(table(RAW), 3)));

        JsonNode down = lineage(RAW + "?direction=down");

        assertThat(down.path("snapshotId").asString()).isEqualTo(Long.toString(newer));
        assertThat(node(down, STAGE + "@" + stage)
                        .path("snapshot")
                        .path("behind")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void stopsAtTheDepth() throws Exception {
        JsonNode up = lineage(CURATED + "?direction=up&depth=1&snapshot=" + curated);

        assertThat(ids(up)).contains(STAGE + "@" + stage, FILES + "@" + files).doesNotContain(RAW + "@" + raw);
        assertThat(up.path("truncated").asBoolean()).isTrue();
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        assertRefused("raw.none", 404, "LINEAGE_TABLE_UNKNOWN");
        assertRefused("none", 404, "LINEAGE_TABLE_UNKNOWN");
        assertRefused(RAW + "?snapshot=7", 404, "LINEAGE_SNAPSHOT_UNKNOWN");
        assertRefused(RAW + "?direction=sideways", 400, "LINEAGE_REQUEST_INVALID");
        assertRefused(RAW + "?depth=1000", 400, "LINEAGE_REQUEST_INVALID");
    }

    private static void assertRefused(String request, int status, String code) throws Exception {
        HttpResponse<String> answer = service.call("GET", "/v1/lineage/" + request, "");
        JsonNode problem = JsonMapper.shared().readTree(answer.body());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        assertThat(problem.path("nextStep").asString()).isNotEmpty();
    }
}
