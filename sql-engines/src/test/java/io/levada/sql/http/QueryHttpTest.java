package io.levada.sql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.sql.Attacks;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.ParquetFixture;
import io.levada.sql.ParquetTable;
import io.levada.sql.ParquetTables;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryObserver;
import io.levada.sql.QueryableTables;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QueryHttpTest {
    private static final String ENDLESS = "SELECT count(*) FROM range(1000000000000) a WHERE hash(a.range) = 1";

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext context;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(QueryHttpConfiguration.class)
    static class Application {}

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path lake = Files.createDirectories(directory.resolve("lake"));
        String file = ParquetFixture.write(
                lake.resolve("a.parquet"), "SELECT i AS id, 'n' || i AS name FROM range(3) r(i)", "{id: 1, name: 2}");
        Schema schema = new Schema(
                Types.NestedField.optional(1, "id", Types.LongType.get()),
                Types.NestedField.optional(2, "name", Types.StringType.get()));
        ParquetTables tables = new ParquetTables(
                new DuckDbSettings(256, 1, directory.resolve("tmp"), List.of(lake)),
                List.of(new ParquetTable("raw.t", schema, List.of(file))));
        context = new SpringApplicationBuilder(Application.class)
                .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off")
                .initializers((GenericApplicationContext c) -> {
                    c.registerBean(QueryableTables.class, () -> tables);
                    c.registerBean(QueryLimits.class, () -> QueryLimits.DEFAULT);
                    c.registerBean(QueryObserver.class, () -> (_, _) -> {});
                })
                .run();
    }

    @AfterAll
    void stop() {
        context.close();
    }

    private URI uri(String path) {
        return URI.create(
                "http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port") + path);
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .header("Content-Type", "application/json")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> query(Map<String, ?> body) throws Exception {
        return send("POST", "/v1/queries", ResultJson.mapper().writeValueAsString(body));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return ResultJson.mapper().readTree(response.body());
    }

    private static void assertProblem(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = json(response);
        assertThat(problem.path("code").asString()).isEqualTo(code);
        assertThat(problem.path("detail").asString()).isNotEmpty();
        assertThat(problem.path("nextStep").asString()).isNotEmpty();
        assertThat(problem.path("status").asInt()).isEqualTo(status);
    }

    @Test
    void answersAQueryWithItsResult() throws Exception {
        HttpResponse<String> response = query(Map.of(
                "sql", "SELECT id, name FROM raw.t WHERE id >= :least ORDER BY id", "params", Map.of("least", 1)));

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode body = json(response);
        assertThat(body.path("state").asString()).isEqualTo("SUCCEEDED");
        assertThat(body.path("columns").toString())
                .isEqualTo("[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"name\",\"type\":\"VARCHAR\"}]");
        assertThat(body.path("rows").toString()).isEqualTo("[[1,\"n1\"],[2,\"n2\"]]");
        assertThat(body.path("rowCount").asInt()).isEqualTo(2);
        assertThat(body.path("truncated").asBoolean()).isFalse();
        assertThat(body.path("scannedBytes").asLong()).isEqualTo(100);
        assertThat(body.path("snapshots").toString()).isEqualTo("{\"raw.t\":\"1\"}");
        assertThat(body.path("completeTo").toString())
                .isEqualTo("{\"raw.t\":{\"shop\":{\"position\":\"0/1A\",\"commitTime\":\"1970-01-01T00:00:00Z\"}}}");
        assertThat(body.path("elapsedMillis").isIntegralNumber()).isTrue();
    }

    @Test
    void writesNumbersWithAllTheirDigits() throws Exception {
        HttpResponse<String> response = query(Map.of("sql", """
                        SELECT 9007199254740993, '170141183460469231731687303715884105727'::HUGEINT, 1200.00::DECIMAL(18,2),
                        0.0000000000::DECIMAL(38,10), [0.10::DECIMAL(9,2)], 'NaN'::DOUBLE, NULL, {'a': DATE '2024-01-02'}"""));

        assertThat(response.body())
                .contains("\"rows\":[[9007199254740993,170141183460469231731687303715884105727,1200.00,"
                        + "0.0000000000,[0.10],\"NaN\",null,{\"a\":\"2024-01-02\"}]]");
    }

    @Test
    void bindsNumbersFromJsonWithAllTheirDigits() throws Exception {
        HttpResponse<String> response = send(
                "POST",
                "/v1/queries",
                "{\"sql\": \"SELECT :a, :b, :c\", \"params\": {\"a\": 1.10, \"b\": 123456789012345678901, \"c\": null}}");

        assertThat(response.body()).contains("\"rows\":[[1.10,123456789012345678901,null]]");
    }

    @Test
    void takesAnInjectionForAValue() throws Exception {
        HttpResponse<String> response = query(
                Map.of("sql", "SELECT name FROM raw.t WHERE name = :name", "params", Map.of("name", "' OR 1=1 --")));

        assertThat(json(response).path("rows").toString()).isEqualTo("[]");
    }

    static List<String> attacks() {
        return Attacks.STATEMENTS;
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesEverythingThatIsNotOneReadingSelect(String sql) throws Exception {
        HttpResponse<String> response = query(Map.of("sql", sql));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(response).path("code").asString())
                .isIn("SQL-REFUSED", "SQL-SYNTAX", "SQL-POSITIONAL-PARAMETER", "SQL-AS-OF");
    }

    @Test
    void givesResultsAsCsv() throws Exception {
        HttpResponse<String> answer = query(
                Map.of(
                        "sql",
                        "SELECT 1.50::DECIMAL(9,2) AS \"a \"\"b\"\"\", 'x,\"y\"\nz' AS t, NULL AS n, '' AS e, [1, 2] AS l, {'k': 'v'} AS s"));

        HttpResponse<String> csv =
                send("GET", "/v1/queries/" + json(answer).path("id").asString() + "/results?format=csv", "");

        assertThat(csv.headers().firstValue("Content-Type")).hasValue("text/csv;charset=UTF-8");
        assertThat(csv.body())
                .isEqualTo("\"a \"\"b\"\"\",t,n,e,l,s\r\n"
                        + "1.50,\"x,\"\"y\"\"\nz\",,\"\",\"[1,2]\",\"{\"\"k\"\":\"\"v\"\"}\"\r\n");
    }

    @Test
    void answersAStillRunningQueryWithItsLocationAndCancelsIt() throws Exception {
        HttpResponse<String> accepted = query(Map.of("sql", ENDLESS, "waitMillis", 0));
        assertThat(accepted.statusCode()).isEqualTo(202);
        String location = accepted.headers().firstValue("Location").orElseThrow();
        assertThat(json(send("GET", location, "")).path("state").asString()).isIn("QUEUED", "RUNNING");
        assertProblem(send("GET", location + "/results", ""), 409, "SQL-NOT-FINISHED");

        HttpResponse<String> cancelled = send("DELETE", location, "");

        assertThat(json(cancelled).path("state").asString()).isEqualTo("CANCELLED");
        assertThat(json(send("GET", location, "")).path("error").path("code").asString())
                .isEqualTo("SQL-CANCELLED");
        assertProblem(send("GET", location + "/results?format=csv", ""), 409, "SQL-CANCELLED");
    }

    @Test
    void saysWhenARowLimitCutTheResult() throws Exception {
        JsonNode body = json(query(Map.of("sql", "SELECT * FROM range(10)", "maxRows", 3)));
        assertThat(body.path("truncated").asBoolean()).isTrue();
        assertThat(body.path("rowCount").asInt()).isEqualTo(3);
    }

    @Test
    void answersErrorsAsProblemDocuments() throws Exception {
        assertProblem(query(Map.of("sql", "SELECT * FROM raw.missing")), 404, "SQL-UNKNOWN-TABLE");
        assertProblem(query(Map.of("sql", "SELECT nothing FROM raw.t")), 400, "SQL-FAILED");
        assertProblem(query(Map.of("sql", "SELECT :a")), 400, "SQL-PARAMETER-MISSING");
        assertProblem(query(Map.of("sql", "SELECT 1", "params", Map.of("a", 1))), 400, "SQL-PARAMETER-UNKNOWN");
        assertProblem(query(Map.of("sql", "SELECT :a", "params", Map.of("a", List.of(1)))), 400, "SQL-PARAMETER-TYPE");
        assertProblem(query(Map.of("sql", "SELECT 1", "maxRows", 0)), 400, "SQL-REQUEST");
        assertProblem(query(Map.of("sql", "SELECT 1", "maxrows", 1)), 400, "SQL-REQUEST");
        assertProblem(query(Map.of()), 400, "SQL-REQUEST");
        assertProblem(send("POST", "/v1/queries", "not json"), 400, "SQL-REQUEST");
        assertProblem(send("GET", "/v1/queries/none", ""), 404, "SQL-UNKNOWN-QUERY");
        assertProblem(send("DELETE", "/v1/queries/none", ""), 404, "SQL-UNKNOWN-QUERY");
        assertProblem(send("GET", "/v1/queries/none/results?format=parquet", ""), 406, "SQL-FORMAT-NOT-AVAILABLE");
        assertProblem(send("GET", "/v1/tables/raw.missing", ""), 404, "SQL-UNKNOWN-TABLE");
        assertProblem(send("GET", "/nothing/here", ""), 404, "HTTP-404");
        assertProblem(send("PUT", "/v1/queries", "{}"), 405, "HTTP-405");
    }

    @Test
    void listsAndDescribesTables() throws Exception {
        assertThat(send("GET", "/v1/tables", "").body())
                .isEqualTo(
                        "{\"tables\":[{\"name\":\"raw.t\",\"rows\":3,\"bytes\":100,\"files\":1,"
                                + "\"snapshotId\":\"1\",\"committedAt\":\"1970-01-01T00:00:00Z\",\"freshnessMillis\":5,"
                                + "\"completeTo\":{\"shop\":{\"position\":\"0/1A\",\"commitTime\":\"1970-01-01T00:00:00Z\"}}}]}");
        assertThat(json(send("GET", "/v1/tables/raw.t", "")).path("columns").toString())
                .isEqualTo("[{\"name\":\"id\",\"type\":\"BIGINT\"},{\"name\":\"name\",\"type\":\"VARCHAR\"}]");
    }
}
