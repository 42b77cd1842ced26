package io.levada.catalog.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogBackend;
import io.levada.catalog.CatalogDatabase;
import io.levada.definition.AccessTokens;
import io.levada.events.TableProperties;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The protocol as the specification has it (apache/iceberg, open-api/rest-catalog-open-api.yaml), asked by Iceberg's
/// own client and by hand.
class IcebergProtocolIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Namespace RAW = Namespace.of("raw");
    private static final TableIdentifier ORDERS = TableIdentifier.of(RAW, "orders");
    private static final String ORDERS_PATH = "/iceberg/v1/namespaces/raw/tables/orders";
    private static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));

    @TempDir
    private Path directory;

    private RestCatalogAlone service;
    private RESTCatalog client;

    @BeforeEach
    void start() {
        service = RestCatalogAlone.start(directory, AccessTokens.NONE);
        client = service.client(Map.of());
        client.createNamespace(RAW);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        service.close();
    }

    private Table create() {
        return client.buildTable(ORDERS, SCHEMA)
                .withLocation(directory.resolve("lake/raw/orders").toString())
                .create();
    }

    private static JsonNode error(HttpResponse<String> answer) {
        return JSON.readTree(answer.body()).get("error");
    }

    @Test
    void offersWhatItHasWhicheverWarehouseIsAskedFor() throws Exception {
        JsonNode config = JSON.readTree(
                service.call("GET", "/iceberg/v1/config?warehouse=anything", "").body());

        List<String> endpoints = new ArrayList<>();
        config.get("endpoints").forEach(endpoint -> endpoints.add(endpoint.asString()));
        assertThat(endpoints)
                .contains(
                        "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
                        "POST /v1/{prefix}/namespaces/{namespace}/register",
                        "POST /v1/{prefix}/views/rename")
                .noneMatch(endpoint -> endpoint.contains("plan")
                        || endpoint.contains("credentials")
                        || endpoint.contains("transactions")
                        || endpoint.contains("oauth"));
    }

    @Test
    void answersWhatItDoesNotOfferInTheFormOfTheSpecification() throws Exception {
        for (String path : List.of(
                ORDERS_PATH + "/plan", ORDERS_PATH + "/credentials", "/iceberg/v1/oauth/tokens", "/iceberg/v1/x")) {
            HttpResponse<String> answer = service.call("POST", path, "{}");

            assertThat(answer.statusCode()).as(path).isEqualTo(406);
            assertThat(error(answer).get("type").asString()).isEqualTo("UnsupportedOperationException");
            assertThat(error(answer).get("code").asInt()).isEqualTo(406);
        }
        assertThat(service.call("POST", "/iceberg/v1/oauth/tokens", "a=b").body())
                .contains("`token`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"namespace\":[\"a\",\"b\"]}", "{\"namespace\":[\"a.b\"]}", "{\"namespace\":[\" \"]}"})
    void refusesNamespacesThatTablesCanNotBeCalledBy(String body) throws Exception {
        HttpResponse<String> answer = service.call("POST", "/iceberg/v1/namespaces", body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(error(answer).get("message").asString()).contains("one level");
    }

    @Test
    void keepsNamespacesAndTheirProperties() {
        client.setProperties(RAW, new HashMap<>(Map.of("owner", "ana", "note", "x")));
        client.removeProperties(RAW, new HashSet<>(Set.of("note")));
        create();

        assertThat(client.loadNamespaceMetadata(RAW))
                .containsEntry("owner", "ana")
                .doesNotContainKey("note");
        assertThatThrownBy(() -> client.createNamespace(RAW)).isInstanceOf(AlreadyExistsException.class);
        assertThatThrownBy(() -> client.dropNamespace(RAW)).isInstanceOf(NamespaceNotEmptyException.class);
        assertThatThrownBy(() -> client.listTables(Namespace.of("none"))).isInstanceOf(NoSuchNamespaceException.class);
        assertThatThrownBy(() -> client.listNamespaces(Namespace.of("none")))
                .isInstanceOf(NoSuchNamespaceException.class);
        assertThatThrownBy(() -> client.createTable(TableIdentifier.of("none", "t"), SCHEMA))
                .isInstanceOf(NoSuchNamespaceException.class);
    }

    @Test
    void listsInPagesOfAStableOrder() throws Exception {
        List<TableIdentifier> tables = IntStream.range(0, 7)
                .mapToObj(number -> TableIdentifier.of(RAW, "t" + number))
                .toList();
        tables.forEach(table -> client.createTable(table, SCHEMA));
        try (RESTCatalog paging = service.client(Map.of("rest-page-size", "3"))) {
            assertThat(paging.listTables(RAW)).containsExactlyElementsOf(tables);
            assertThat(paging.listNamespaces()).containsExactly(RAW);
        }
        JsonNode first = page("");
        client.dropTable(tables.get(1));
        client.createTable(TableIdentifier.of(RAW, "a"), SCHEMA);

        JsonNode second = page(first.get("next-page-token").asString());

        assertThat(names(first)).containsExactly("t0", "t1", "t2");
        assertThat(names(second)).containsExactly("t3", "t4", "t5");
        assertThat(names(page(second.get("next-page-token").asString()))).containsExactly("t6");
    }

    private JsonNode page(String token) throws Exception {
        return JSON.readTree(service.call("GET", "/iceberg/v1/namespaces/raw/tables?pageSize=3&pageToken=" + token, "")
                .body());
    }

    private static List<String> names(JsonNode page) {
        List<String> names = new ArrayList<>();
        page.get("identifiers")
                .forEach(identifier -> names.add(identifier.get("name").asString()));
        return names;
    }

    @ParameterizedTest
    @CsvSource({"pageSize=0", "pageSize=many", "pageToken=3", "pageToken=%20"})
    void refusesPagesThatThereAreNot(String query) throws Exception {
        assertThat(service.call("GET", "/iceberg/v1/namespaces/raw/tables?" + query, "")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void answersNotModifiedForAsLongAsTheTableIs() throws Exception {
        Table table = create();
        HttpResponse<String> loaded = service.call("GET", ORDERS_PATH, "");
        String tag = loaded.headers().firstValue("ETag").orElseThrow();

        HttpResponse<String> again = service.call("GET", ORDERS_PATH, "", "If-None-Match", tag);
        HttpResponse<String> oneOfSeveral =
                service.call("GET", ORDERS_PATH, "", "If-None-Match", "\"other\", W/" + tag);
        HttpResponse<String> lessOfIt = service.call("GET", ORDERS_PATH + "?snapshots=refs", "", "If-None-Match", tag);
        table.updateProperties().set("a", "1").commit();
        HttpResponse<String> changed = service.call("GET", ORDERS_PATH, "", "If-None-Match", tag);

        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(oneOfSeveral.statusCode()).isEqualTo(304);
        assertThat(lessOfIt.statusCode()).isEqualTo(200);
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("ETag")).isPresent().isNotEqualTo(Optional.of(tag));
    }

    @Test
    void showsEveryClientTheNewestCommitAtOnce() throws Exception {
        create();
        try (RESTCatalog other = service.client(Map.of())) {
            for (int number = 0; number < 5; number++) {
                String value = Integer.toString(number);
                client.loadTable(ORDERS).updateProperties().set("number", value).commit();

                assertThat(other.loadTable(ORDERS).properties()).containsEntry("number", value);
                assertThat(client.loadTable(ORDERS).properties()).containsEntry("number", value);
            }
        }
    }

    @Test
    void refusesACommitOnAStaleBase() {
        create();
        Table one = client.loadTable(ORDERS);
        Table two = client.loadTable(ORDERS);
        Transaction stale = two.newTransaction();
        stale.updateSchema().addColumn("b", Types.LongType.get()).commit();
        one.updateSchema().addColumn("a", Types.LongType.get()).commit();

        assertThatThrownBy(stale::commitTransaction).isInstanceOf(CommitFailedException.class);
        assertThat(client.loadTable(ORDERS).schema().findField("b")).isNull();
    }

    @Test
    void answersAFailedRequirementAsAConflict() throws Exception {
        create();

        HttpResponse<String> answer = service.call(
                "POST",
                ORDERS_PATH,
                "{\"requirements\":[{\"type\":\"assert-table-uuid\",\"uuid\":\"x\"}],\"updates\":[]}");

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(error(answer).get("type").asString()).isEqualTo("CommitFailedException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"requirements\":[{\"type\":\"assert-moon\"}],\"updates\":[]}",
                "{\"requirements\":[],\"updates\":[{\"action\":\"fly\"}]}",
                "no json",
            })
    void refusesWhatItDoesNotUnderstand(String body) throws Exception {
        create();

        HttpResponse<String> answer = service.call("POST", ORDERS_PATH, body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(error(answer).get("code").asInt()).isEqualTo(400);
    }

    @Test
    void commitsATransactionThatCreates() {
        Transaction creation = client.buildTable(ORDERS, SCHEMA).createTransaction();
        creation.updateProperties().set("a", "1").commit();
        creation.commitTransaction();

        assertThat(client.loadTable(ORDERS).properties()).containsEntry("a", "1");
        assertThat(service.announced()).contains("raw.orders");
    }

    @Test
    void renamesAndRegistersTables() {
        String metadata = ((BaseTable) create()).operations().current().metadataFileLocation();
        TableIdentifier renamed = TableIdentifier.of(RAW, "renamed");

        client.renameTable(ORDERS, renamed);
        Table registered = client.registerTable(ORDERS, metadata);

        assertThat(client.listTables(RAW)).containsExactly(ORDERS, renamed);
        assertThat(registered.schema().sameSchema(SCHEMA)).isTrue();
        assertThatThrownBy(() -> client.registerTable(ORDERS, metadata)).isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void refusesToRegisterOverATable() throws Exception {
        String metadata = ((BaseTable) create()).operations().current().metadataFileLocation();

        HttpResponse<String> answer = service.call(
                "POST",
                "/iceberg/v1/namespaces/raw/register",
                "{\"name\":\"orders\",\"metadata-location\":\"" + metadata + "\",\"overwrite\":true}");

        assertThat(answer.statusCode()).isEqualTo(406);
    }

    @Test
    void showsNothingOfAFileThatIsNoMetadata() throws Exception {
        Path file = Files.writeString(directory.resolve("secret.metadata.json"), "hush: the secret");

        assertThatThrownBy(() -> client.registerTable(ORDERS, file.toString()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("no table metadata")
                .hasMessageNotContaining("hush");
    }

    @Test
    void leavesEveryFileWhereATableIsDropped() throws Exception {
        create();
        List<Path> before = files();

        client.dropTable(ORDERS, false);

        assertThat(client.tableExists(ORDERS)).isFalse();
        assertThat(files()).containsExactlyElementsOf(before);
    }

    @Test
    void notesAPurgeForMaintenanceAndDeletesNothing() throws Exception {
        String metadata = ((BaseTable) create()).operations().current().metadataFileLocation();
        List<Path> before = files();

        client.dropTable(ORDERS, true);

        assertThat(client.tableExists(ORDERS)).isFalse();
        List<Path> markers = new ArrayList<>(files());
        markers.removeAll(before);
        assertThat(files()).containsAll(before);
        assertThat(markers).singleElement().asString().matches(".*/lake/raw/orders/metadata/purge-[0-9a-f-]{36}.json");
        JsonNode marker = JSON.readTree(Files.readString(markers.getFirst()));
        assertThat(marker.get("table").asString()).isEqualTo("raw.orders");
        assertThat(marker.get("metadata-location").asString()).isEqualTo(metadata);
        assertThat(marker.get("requested-at").asString()).isNotEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("lake"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TableProperties.OFFSETS + "cluster.topic.0",
                TableProperties.FILES + "s.t",
                TableProperties.LOADS + "raw.t",
                TableProperties.LOAD_GENERATION,
                TableProperties.LOAD_OPEN,
                TableProperties.DATA_FILES,
                TableProperties.CRAWL_LOCATION,
                TableProperties.INPUT + "raw.t"
            })
    void letsNobodyChangeWhatTheCommitterWrites(String property) throws Exception {
        Table table = create();

        assertThatThrownBy(() -> table.updateProperties().set(property, "1").commit())
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining("committer alone");
        assertThat(service.call(
                                "POST",
                                ORDERS_PATH,
                                "{\"requirements\":[],\"updates\":[{\"action\":\"remove-properties\",\"removals\":[\""
                                        + property + "\"]}]}")
                        .statusCode())
                .isEqualTo(403);
        assertThatThrownBy(() -> client.buildTable(TableIdentifier.of(RAW, "other"), SCHEMA)
                        .withProperty(property, "1")
                        .create())
                .isInstanceOf(ForbiddenException.class);
    }

    @Test
    void letsNobodyClaimAnEventInASnapshot() {
        Table table = create();

        assertThatThrownBy(() -> table.newAppend()
                        .set(TableProperties.SUMMARY_EVENTS, "e1")
                        .commit())
                .isInstanceOf(ForbiddenException.class);
        table.newAppend().set("mine", "1").commit();
        assertThat(client.loadTable(ORDERS).currentSnapshot().summary()).containsEntry("mine", "1");
    }

    @Test
    void doesWithoutViewsWhereTheCatalogKeepsNone() throws Exception {
        try (JdbcCatalog tables = CatalogDatabase.open(
                        directory.resolve("b"), directory.resolve("b/lake").toString());
                RestCatalogAlone viewless = RestCatalogAlone.start(
                        new CatalogBackend(tables, tables, Optional.empty(), Map.of()), AccessTokens.NONE)) {
            assertThat(viewless.call("GET", "/iceberg/v1/config", "").body()).doesNotContain("views");
            HttpResponse<String> answer = viewless.call("GET", "/iceberg/v1/namespaces/raw/views", "");
            assertThat(answer.statusCode()).isEqualTo(406);
            assertThat(error(answer).get("message").asString()).contains("keeps no views");
        }
    }
}
