package io.levada.catalog.commit;

import static io.levada.catalog.commit.TestLake.changes;
import static io.levada.catalog.commit.TestLake.curated;
import static io.levada.catalog.commit.TestLake.file;
import static io.levada.catalog.commit.TestLake.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.events.Cause;
import io.levada.events.FilesRefused;
import io.levada.events.FilesWritten;
import io.levada.events.PublishedPosition;
import io.levada.events.SourcePosition;
import io.levada.events.TableCommitted;
import io.levada.events.TableProperties;
import io.levada.events.Topics;
import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import io.levada.lake.WrittenFiles;
import io.levada.testing.EmbeddedKafka;
import io.levada.testing.Eventually;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.view.BaseView;
import org.apache.iceberg.view.View;
import org.apache.iceberg.view.ViewBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CatalogServiceIT {
    private static final Duration BOUND = Eventually.PATIENCE;

    @TempDir
    private static Path directory;

    private static EmbeddedKafka kafka;
    private static RunningCatalog service;
    private static LakeCatalog lake;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        service = RunningCatalog.start(directory, kafka.bootstrapServers(), (_, _) -> {});
        lake = LakeCatalog.connect(service.uri("/iceberg"));
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

    private static void send(FilesWritten... events) {
        RunningCatalog.send(kafka.bootstrapServers(), events);
    }

    private static List<TableCommitted> announced(String table) {
        return RunningCatalog.events(kafka.bootstrapServers(), Topics.TABLE_COMMITTED, table, TableCommitted.class);
    }

    private static Table table(String name) {
        return lake.load(name).orElseThrow();
    }

    @Test
    void commitsAndAnnouncesWhatIsWritten() {
        String name = "raw.it_plain";
        Table table = create(name);
        FilesWritten event = changes("p1", name, 0, 3, file(table, 1, 2));

        send(event, changes("p2", name, 3, 5, file(table, 3)), event);

        Eventually.within(BOUND, () -> assertThat(ids(table(name))).containsExactly(1L, 2L, 3L));
        List<TableCommitted> events = Eventually.within(BOUND, () -> announced(name), list -> !list.isEmpty());
        TableCommitted last = events.getLast();
        assertThat(last.id())
                .isEqualTo(name + "@" + table(name).currentSnapshot().snapshotId());
        assertThat(last.cause()).isEqualTo(Cause.CHANGES);
        ConsumerRecord<byte[], byte[]> message =
                RunningCatalog.read(kafka.bootstrapServers(), Topics.TABLE_COMMITTED).stream()
                        .filter(found -> new String(found.key(), StandardCharsets.UTF_8).equals(name))
                        .findFirst()
                        .orElseThrow();
        Map<String, String> headers = new TreeMap<>();
        for (Header header : message.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        assertThat(headers)
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_type", "io.levada.TableCommitted")
                .containsEntry("ce_source", "/levada/catalog")
                .containsEntry("ce_subject", name)
                .containsEntry("ce_id", events.getFirst().id())
                .containsEntry("content-type", "application/json");
    }

    /// Engines may keep tables beside the lake's layers; they are none of the pipeline's.
    @Test
    void announcesOtherTablesBesideOneInAnEnginesOwnNamespace() {
        Table foreign = create("sandbox.it_foreign");
        Table table = create("raw.it_beside");

        for (Table changed : List.of(foreign, table)) {
            changed.newAppend()
                    .appendFile(WrittenFiles.toDataFile(file(changed, 1), changed.spec()))
                    .commit();
        }

        Eventually.within(BOUND, () -> announced("raw.it_beside"), events -> !events.isEmpty());
    }

    @Test
    void aGapParksOnlyItsOwnTable() {
        String gap = "raw.it_gap";
        String other = "raw.it_other";
        Table gapTable = create(gap);
        Table otherTable = create(other);

        send(
                changes("g1", gap, 5, 6, file(gapTable, 1)),
                changes("o1", other, 0, 1, file(otherTable, 1)),
                changes("g2", gap, 6, 7, file(gapTable, 2)));
        send(changes("o2", other, 1, 2, file(otherTable, 2)));

        Eventually.within(BOUND, () -> assertThat(ids(table(other))).containsExactly(1L, 2L));
        JsonNode status = Eventually.within(BOUND, service::status, found -> parked(found, gap) != null);
        JsonNode parked = Objects.requireNonNull(parked(status, gap));
        assertThat(parked.get("code").asString()).isEqualTo("GAP");
        assertThat(parked.get("eventId").asString()).isEqualTo("g1");
        assertThat(parked.get("nextStep").asString()).isNotEmpty();
        assertThat(status.get("pendingEvents").asLong()).isPositive();

        // As if what lies before had been committed.
        service.catalog()
                .loadTable(LakeCatalog.identifier(gap))
                .updateProperties()
                .set(TableProperties.offsets(TestLake.range(5, 6)), "5")
                .commit();

        Eventually.within(BOUND, () -> assertThat(ids(table(gap))).containsExactly(1L, 2L));
    }

    private static @org.jspecify.annotations.Nullable JsonNode parked(JsonNode status, String table) {
        for (JsonNode node : status.get("parked")) {
            if (node.get("table").asString().equals(table)) {
                return node;
            }
        }
        return null;
    }

    @Test
    void waitsForATableThatIsNotThereYet() throws Exception {
        String name = "raw.it_late";
        Table elsewhere = create("raw.it_elsewhere");
        send(changes("l1", name, 0, 1, file(elsewhere, 1)));
        Eventually.within(BOUND, service::status, status -> parked(status, name) != null);

        create(name);

        Eventually.within(BOUND, () -> assertThat(ids(table(name))).containsExactly(1L));
        Eventually.within(BOUND, service::status, status -> parked(status, name) == null);
    }

    @Test
    void tellsTheProducerOfARefusal() {
        String name = "curated.it_refused";
        Table table = create(name);

        send(curated("r1", name, 99L, Map.of("raw.a", List.of(1L)), file(table, 1)));

        List<FilesRefused> refused = Eventually.within(
                BOUND,
                () -> RunningCatalog.events(kafka.bootstrapServers(), Topics.FILES_REFUSED, name, FilesRefused.class),
                list -> !list.isEmpty());
        assertThat(refused.getFirst().id()).isEqualTo("r1");
        assertThat(refused.getFirst().retryable()).isTrue();
    }

    @Test
    void announcesWhatCameInOverRest() {
        String name = "raw.it_rest";
        Table table = create(name);

        table.newAppend()
                .appendFile(WrittenFiles.toDataFile(file(table, 1), table.spec()))
                .commit();

        List<TableCommitted> events = Eventually.within(BOUND, () -> announced(name), list -> !list.isEmpty());
        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).isNull());
    }

    @Test
    void createsAndEvolvesTablesOverRest() {
        String name = "stage.it_evolve";
        Schema first = new Schema(Types.NestedField.optional(1, "a", Types.IntegerType.get()));
        Schema second = new Schema(
                Types.NestedField.optional(1, "a", Types.LongType.get()),
                Types.NestedField.optional(2, "b", Types.StringType.get()));
        String location = directory.resolve("lake/stage/it_evolve").toString();
        lake.createOrEvolve(new TableSpec(name, first, List.of(), location, Map.of("levada.key", "[\"a\"]")));

        Table evolved = lake.createOrEvolve(new TableSpec(name, second, List.of(), location, Map.of()));

        assertThat(evolved.schema().findType("a")).isEqualTo(Types.LongType.get());
        assertThat(evolved.schema().findField("b")).isNotNull();
        assertThat(lake.tables("stage")).contains(name);
        assertThat(lake.tables("archive")).isEmpty();
        assertThat(lake.load("stage.it_absent")).isEmpty();
        assertThat(evolved.properties()).containsEntry("levada.key", "[\"a\"]");
    }

    /// As a load and the landing of changes do, while a source's columns change again and again.
    @Test
    void letsSeveralAddColumnsToOneTableAtATime() throws Exception {
        int each = 8;
        List<String> names = List.of("u", "v", "w", "x", "y", "z");
        try (ExecutorService writers = Executors.newFixedThreadPool(names.size())) {
            List<Future<?>> done = new ArrayList<>();
            for (String writer : names) {
                done.add(writers.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        lake.createOrFollow(withColumn("raw.it_both", writer + i));
                    }
                }));
            }
            for (Future<?> writer : done) {
                writer.get(Eventually.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }

        assertThat(lake.load("raw.it_both").orElseThrow().schema().columns()).hasSize(names.size() * each);
    }

    /// Each commit writes a table's metadata whole.
    @Test
    void keepsSomeEarlierVersionsOfATablesMetadata() throws Exception {
        for (int i = 0; i < 30; i++) {
            lake.createOrFollow(withColumn("raw.it_often", "c" + i));
        }

        try (Stream<Path> metadata = Files.list(directory.resolve("lake/raw/it_often/metadata"))) {
            assertThat(metadata.filter(file -> file.toString().endsWith(".metadata.json")))
                    .hasSize(1 + 20);
        }
    }

    private static TableSpec withColumn(String table, String column) {
        return new TableSpec(
                table,
                new Schema(Types.NestedField.optional(1, column, Types.StringType.get())),
                List.of(),
                directory.resolve("lake/" + table.replace('.', '/')).toString(),
                Map.of());
    }

    @Test
    void keepsTheViewsOfOtherEngines() throws Exception {
        create("raw.it_viewed");
        try (RESTCatalog catalog = new RESTCatalog()) {
            catalog.initialize(
                    "engine",
                    Map.of(CatalogProperties.URI, service.uri("/iceberg").toString()));
            TableIdentifier id = TableIdentifier.of("raw", "it_view");
            Schema schema = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));
            Function<String, ViewBuilder> view = sql -> catalog.buildView(id)
                    .withDefaultNamespace(Namespace.of("raw"))
                    .withSchema(schema)
                    .withQuery("trino", sql);

            view.apply("SELECT id FROM raw.it_viewed").create();
            view.apply("SELECT id FROM raw.it_viewed WHERE id > 1").replace();
            catalog.renameView(id, TableIdentifier.of("raw", "it_view_renamed"));

            View renamed = catalog.loadView(TableIdentifier.of("raw", "it_view_renamed"));
            assertThat(renamed.sqlFor("trino").sql()).endsWith("WHERE id > 1");
            assertThat(renamed.history()).hasSize(2);
            assertThat(catalog.listViews(Namespace.of("raw")))
                    .containsExactly(TableIdentifier.of("raw", "it_view_renamed"));
            assertThat(catalog.listTables(Namespace.of("raw")))
                    .doesNotContain(TableIdentifier.of("raw", "it_view_renamed"));
            assertThatThrownBy(() -> catalog.buildView(TableIdentifier.of("raw", "it_viewed"))
                            .withDefaultNamespace(Namespace.of("raw"))
                            .withSchema(schema)
                            .withQuery("trino", "SELECT 1 AS id")
                            .create())
                    .isInstanceOf(AlreadyExistsException.class);
            assertThat(catalog.viewExists(id)).isFalse();
            String metadata = ((BaseView) renamed).operations().current().metadataFileLocation();
            assertThat(catalog.registerView(id, metadata).sqlFor("trino").sql()).endsWith("WHERE id > 1");
            assertThat(catalog.dropView(TableIdentifier.of("raw", "it_view_renamed")))
                    .isTrue();
            assertThat(catalog.listViews(Namespace.of("raw"))).containsExactly(id);
        }
    }

    @Test
    void refusesOneCommitOfSeveralTables() throws Exception {
        HttpResponse<String> answer = service.call("POST", "/iceberg/v1/transactions/commit", "{\"table-changes\":[]}");

        assertThat(answer.statusCode()).isEqualTo(406);
        assertThat(answer.body()).contains("commit each table for itself");
    }

    @Test
    void answersRestErrorsAsTheSpecificationSays() throws Exception {
        create("raw.it_twice");
        String twice = "{\"name\":\"it_twice\",\"schema\":{\"type\":\"struct\",\"fields\":[]}}";

        HttpResponse<String> missing = service.call("GET", "/iceberg/v1/namespaces/raw/tables/absent", "");
        HttpResponse<String> conflict = service.call("POST", "/iceberg/v1/namespaces/raw/tables", twice);
        HttpResponse<String> malformed = service.call("POST", "/iceberg/v1/namespaces", "{");
        HttpResponse<String> exists = service.call("HEAD", "/iceberg/v1/namespaces/raw/tables/it_twice", "");
        HttpResponse<String> absent = service.call("HEAD", "/iceberg/v1/namespaces/nowhere", "");

        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).contains("NoSuchTableException");
        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertThat(exists.statusCode()).isEqualTo(204);
        assertThat(absent.statusCode()).isEqualTo(404);
    }

    @Test
    void namesThePositionThatATableIsCompleteTo() throws Exception {
        String raw = "raw.s_it_position";
        String stage = "stage.s_it_position";
        Table table = create(raw);
        table.updateProperties().set(TableProperties.SOURCE, "s").commit();
        create(stage);
        publish(10, 0);
        send(TestLake.load("cl", raw, 1, null, file(table, 1)), changes("c1", raw, 0, 2, file(table, 2)));
        Eventually.within(BOUND, () -> assertThat(ids(table(raw))).containsExactly(1L, 2L));
        publish(20, 2);
        publish(30, 4);
        Eventually.within(BOUND, () -> position(raw), "0/20"::equals);

        send(changes("c2", raw, 2, 4, file(table, 3)));

        List<TableCommitted> events = Eventually.within(
                BOUND,
                () -> announced(raw),
                list -> !list.isEmpty()
                        && list.getLast()
                                .completeTo()
                                .equals(Map.of("s", new SourcePosition("0/30", Instant.ofEpochSecond(30)))));
        send(curated("c3", stage, null, Map.of(raw, List.of(events.getLast().snapshotId())), file(table(stage), 1)));
        List<TableCommitted> derived = Eventually.within(BOUND, () -> announced(stage), list -> !list.isEmpty());
        assertThat(derived.getLast().completeTo()).isEqualTo(events.getLast().completeTo());
        publish(40, 4);
        Eventually.within(BOUND, () -> position(stage), "0/40"::equals);
        HttpResponse<String> malformed = service.call("GET", "/v1/positions?table=raw.x", "");
        assertThat(malformed.statusCode()).isEqualTo(400);
        assertProblem(malformed, "HTTP-400");
    }

    private static void publish(long at, long end) {
        RunningCatalog.publish(
                kafka.bootstrapServers(),
                new PublishedPosition(
                        "s",
                        "%020d".formatted(at),
                        "0/" + at,
                        Instant.ofEpochSecond(at),
                        Map.of("levada.changes.s.it_position", end),
                        Set.of()));
    }

    private static String position(String name) throws Exception {
        long snapshot = table(name).currentSnapshot().snapshotId();
        return service.json("GET", "/v1/positions?table=" + name + "@" + snapshot, "")
                .path(name)
                .path("s")
                .path("position")
                .asString("");
    }

    private static void assertProblem(HttpResponse<String> answer, String code) {
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = JsonMapper.shared().readTree(answer.body());
        assertThat(problem.path("code").asString()).isEqualTo(code);
        assertThat(problem.path("status").asInt()).isEqualTo(answer.statusCode());
        assertThat(problem.path("nextStep").asString()).isNotEmpty();
    }

    @Test
    void answersErrorsOutsideTheProtocolsAsProblems() throws Exception {
        HttpResponse<String> unknown = service.call("GET", "/v1/nothing", "");
        HttpResponse<String> method = service.call("DELETE", "/v1/status", "");
        HttpResponse<String> missing = service.call("GET", "/v1/positions", "");

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertProblem(unknown, "HTTP-404");
        assertThat(method.statusCode()).isEqualTo(405);
        assertProblem(method, "HTTP-405");
        assertThat(missing.statusCode()).isEqualTo(400);
        assertProblem(missing, "HTTP-400");
        HttpResponse<String> iceberg = service.call("GET", "/iceberg/v1/namespaces/raw/tables/absent", "");
        assertThat(iceberg.headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void showsTablesReadinessAndMeters() throws Exception {
        String name = "raw.it_status";
        Table table = create(name);
        send(changes("s1", name, 0, 2, file(table, 1, 2)));
        Eventually.within(BOUND, () -> assertThat(ids(table(name))).hasSize(2));

        JsonNode status = service.status();
        HttpResponse<String> ready = service.call("GET", "/actuator/health/readiness", "");
        HttpResponse<String> live = service.call("GET", "/actuator/health/liveness", "");
        HttpResponse<String> meters = service.call("GET", "/actuator/prometheus", "");

        JsonNode shown = status.get("tables")
                .valueStream()
                .filter(node -> node.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(shown.get("rows").asLong()).isEqualTo(2);
        assertThat(shown.get("files").asLong()).isEqualTo(1);
        assertThat(shown.get("bytes").asLong()).isPositive();
        assertThat(shown.get("committedAt").asString()).isNotEmpty();
        assertThat(shown.get("properties")
                        .get("levada.offsets." + TestLake.CLUSTER + "." + TestLake.TOPIC_ID + ".0")
                        .asString())
                .isEqualTo("2");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(meters.body())
                .contains("levada_catalog_commits_seconds_count")
                .contains("levada_catalog_tables_parked");
    }
}
