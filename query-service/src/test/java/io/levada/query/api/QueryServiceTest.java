package io.levada.query.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.levada.definition.FlushPolicy;
import io.levada.definition.LakeDefinition;
import io.levada.definition.NamedQuery;
import io.levada.definition.PipelineDefinition;
import io.levada.query.QueryApplication;
import io.levada.testing.FreePorts;
import io.levada.testing.LocalLake;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QueryServiceTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Schema SALES = new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "product", Types.StringType.get()),
            Types.NestedField.optional(3, "total", Types.DecimalType.of(18, 2)));

    private final HttpClient http = HttpClient.newHttpClient();
    private LocalLake lake;
    private HttpServer ingest;
    private int closedPort;
    private ConfigurableApplicationContext context;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        lake = new LocalLake(directory.resolve("lake"));
        lake.create("curated.sales", SALES);
        lake.append(
                "curated.sales",
                List.of(
                        List.of(1L, "Laptop", new BigDecimal("1200.00")),
                        List.of(2L, "Mouse", new BigDecimal("50.00"))));
        lake.append("curated.sales", List.of(List.of(3L, "Laptop", new BigDecimal("1250.00"))));
        lake.create("raw.empty", SALES);
        withDeleteFile(lake.create("raw.deleted", SALES));
        ingest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ingest.createContext("/v1/status", exchange -> {
            byte[] body = "{\"sources\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        ingest.start();
        closedPort = FreePorts.one();
        context = run(directory, lake);
    }

    private ConfigurableApplicationContext run(Path directory, @Nullable LocalLake testLake) {
        String closed = "http://127.0.0.1:" + closedPort;
        return new SpringApplicationBuilder(QueryApplication.class)
                .properties(
                        "spring.config.name=query",
                        "levada.query.data-directory=" + directory.resolve("data"),
                        "levada.query.lake-location=" + directory.resolve("lake"),
                        "levada.query.kafka-bootstrap-servers=127.0.0.1:" + closedPort,
                        "levada.query.catalog-uri=" + closed + "/iceberg",
                        "levada.query.ingest-url=http://127.0.0.1:"
                                + ingest.getAddress().getPort(),
                        "levada.query.catalog-url=" + closed,
                        "levada.query.transform-url=" + closed,
                        "levada.query.warehouse-url=" + closed)
                .initializers((GenericApplicationContext c) -> {
                    c.registerBean(PipelineDefinition.class, () -> definition(directory));
                    if (testLake != null) {
                        c.registerBean(Lake.class, () -> new TestLake(testLake), bean -> bean.setDestroyMethodName(""));
                    }
                })
                .run("--server.port=0");
    }

    private record TestLake(LocalLake lake) implements Lake {
        @Override
        public List<String> tables() {
            return lake.tables();
        }

        @Override
        public Optional<Table> load(String table) {
            return lake.load(table);
        }
    }

    private static PipelineDefinition definition(Path directory) {
        Map<String, NamedQuery> queries = new LinkedHashMap<>();
        queries.put("by_product", new NamedQuery("by_product", """
                        SELECT product, sum(total) AS total FROM curated.sales
                        WHERE lower(product) LIKE '%' || lower(:part) || '%' AND id >= :least
                        GROUP BY product ORDER BY total DESC""", Set.of("curated.sales")));
        return new PipelineDefinition(
                directory, "test", LakeDefinition.DEFAULT, FlushPolicy.DEFAULT, Map.of(), Map.of(), queries, Map.of());
    }

    private static void withDeleteFile(Table table) {
        table.updateProperties().set("format-version", "2").commit();
        table.newAppend()
                .appendFile(org.apache.iceberg.DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(table.location() + "/none.parquet")
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .build())
                .commit();
        table.newRowDelta()
                .addDeletes(FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                        .ofPositionDeletes()
                        .withPath(table.location() + "/none-deletes.parquet")
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .build())
                .commit();
    }

    @AfterAll
    void stop() {
        context.close();
        ingest.stop(0);
        lake.close();
    }

    private static String base(ConfigurableApplicationContext context) {
        return "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    private HttpResponse<String> get(ConfigurableApplicationContext from, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(base(from) + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> query(ConfigurableApplicationContext at, String sql) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(base(at) + "/v1/queries"))
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("sql", sql))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String code(HttpResponse<String> response) {
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        return response.statusCode() + " "
                + JSON.readTree(response.body()).path("code").asString();
    }

    @Test
    void queriesTheNewestSnapshotAndNamesIt() throws Exception {
        HttpResponse<String> answer =
                query(context, "SELECT product, sum(total) FROM curated.sales GROUP BY 1 ORDER BY 2 DESC");

        assertThat(answer.body()).contains("\"rows\":[[\"Laptop\",2450.00],[\"Mouse\",50.00]]");
        JsonNode body = JSON.readTree(answer.body());
        String snapshot = Long.toString(
                lake.load("curated.sales").orElseThrow().currentSnapshot().snapshotId());
        assertThat(body.path("snapshots").path("curated.sales").asString()).isEqualTo(snapshot);
        assertThat(body.path("completeTo").path("curated.sales").toString())
                .isEqualTo("{\"shop\":{\"position\":\"0/1A\",\"commitTime\":\"2026-01-01T00:00:00Z\"}}");
        assertThat(body.path("scannedBytes").asLong()).isPositive();
    }

    @Test
    void readsTablesWithoutASnapshot() throws Exception {
        assertThat(JSON.readTree(
                                query(context, "SELECT count(*) FROM raw.empty").body())
                        .path("rows")
                        .toString())
                .isEqualTo("[[0]]");
    }

    @Test
    void refusesTablesWithDeleteFilesAndUnknownOnes() throws Exception {
        assertThat(code(query(context, "SELECT * FROM raw.deleted"))).isEqualTo("409 SQL-UNSUPPORTED-TABLE");
        assertThat(code(query(context, "SELECT * FROM raw.nothing"))).isEqualTo("404 SQL-UNKNOWN-TABLE");
        assertThat(code(query(context, "SELECT * FROM nothing.at_all"))).isEqualTo("404 SQL-UNKNOWN-TABLE");
    }

    @Test
    void runsNamedQueriesWithBoundParameters() throws Exception {
        HttpResponse<String> answer = get(context, "/api/by_product?part=LAP&least=2");

        assertThat(answer.body()).isEqualTo("[{\"product\":\"Laptop\",\"total\":1250.00}]");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Levada-Truncated")).hasValue("false");
        assertThat(answer.headers().firstValue("Levada-Snapshots").orElse("")).startsWith("curated.sales=");
        assertThat(answer.headers().firstValue("Levada-Complete-To")).hasValue("curated.sales@shop=0/1A");
        String injection = URLEncoder.encode("' OR 1=1 --", StandardCharsets.UTF_8);
        assertThat(get(context, "/api/by_product?least=0&part=" + injection).body())
                .isEqualTo("[]");
    }

    @Test
    void answersWrongParametersOfNamedQueriesAsProblems() throws Exception {
        assertThat(code(get(context, "/api/unknown"))).isEqualTo("404 QUERY-NAMED-QUERY-UNKNOWN");
        assertThat(code(get(context, "/api/by_product?part=a"))).isEqualTo("400 SQL-PARAMETER-MISSING");
        assertThat(code(get(context, "/api/by_product?part=a&least=1&x=1"))).isEqualTo("400 SQL-PARAMETER-UNKNOWN");
        assertThat(code(get(context, "/api/by_product?part=a&part=b&least=1")))
                .isEqualTo("400 QUERY-PARAMETER-REPEATED");
        assertThat(code(get(context, "/api/by_product?part=a&least=x"))).isEqualTo("400 SQL-FAILED");
    }

    @Test
    void listsTablesWithTheirFigures() throws Exception {
        JsonNode tables = JSON.readTree(get(context, "/v1/tables").body()).path("tables");

        assertThat(tables.findValuesAsString("name")).containsExactly("curated.sales", "raw.deleted", "raw.empty");
        JsonNode sales = tables.get(0);
        assertThat(sales.path("rows").asLong()).isEqualTo(3);
        assertThat(sales.path("files").asInt()).isEqualTo(2);
        assertThat(sales.path("bytes").asLong()).isPositive();
        assertThat(sales.path("freshnessMillis").asLong()).isNotNegative();
        assertThat(sales.path("committedAt").asString()).endsWith("Z");
        assertThat(sales.path("completeTo").path("shop").path("position").asString())
                .isEqualTo("0/1A");
        assertThat(tables.get(2).path("snapshotId").isNull()).isTrue();
    }

    @Test
    void describesATable() throws Exception {
        JsonNode table = JSON.readTree(get(context, "/v1/tables/curated.sales").body());

        assertThat(table.path("columns").findValuesAsString("type"))
                .containsExactly("BIGINT", "VARCHAR", "DECIMAL(18,2)");
        assertThat(table.path("snapshots").findValuesAsString("operation")).containsExactly("append", "append");
        assertThat(code(get(context, "/v1/tables/curated"))).isEqualTo("404 SQL-UNKNOWN-TABLE");
    }

    @Test
    void showsTheStatusOfTheServicesAndWhichDoNotAnswer() throws Exception {
        JsonNode status = JSON.readTree(get(context, "/v1/status").body());

        assertThat(status.propertyNames()).containsExactly("ingest", "catalog", "transform", "warehouse");
        assertThat(status.path("ingest").path("reachable").asBoolean()).isTrue();
        assertThat(status.path("ingest").path("status").path("sources").isArray())
                .isTrue();
        assertThat(status.path("catalog").path("reachable").asBoolean()).isFalse();
        assertThat(status.path("catalog").path("error").asString()).startsWith("No connection");
    }

    @Test
    void isHealthyAndMeasured() throws Exception {
        query(context, "SELECT 1");
        assertThat(get(context, "/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(get(context, "/actuator/prometheus").body()).contains("levada_query_queries_ended_seconds");
    }

    @Test
    void startsWithoutACatalogAndSaysSo(@TempDir Path directory) throws Exception {
        try (ConfigurableApplicationContext alone = run(directory, null)) {
            assertThat(get(alone, "/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(get(alone, "/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(code(get(alone, "/v1/tables"))).isEqualTo("503 QUERY-CATALOG-UNREACHABLE");
            assertThat(code(query(alone, "SELECT * FROM raw.t"))).isEqualTo("503 QUERY-CATALOG-UNREACHABLE");
            assertThat(query(alone, "SELECT 1").statusCode()).isEqualTo(200);
        }
    }
}
