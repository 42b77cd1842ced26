package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SchemaRegistryIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String V1 =
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"}]}";
    private static final String V1_SPACED =
            "{ \"type\": \"record\", \"name\": \"r\", \"fields\": [ {\"name\": \"a\", \"type\": \"long\"} ] }";
    private static final String V2_READS_V1 =
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"},"
                    + "{\"name\":\"b\",\"type\":[\"null\",\"string\"],\"default\":null}]}";
    private static final String V2_READS_NOTHING =
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"b\",\"type\":\"string\"}]}";
    private static final String V1_OTHER_LOGICAL_TYPE = "{\"type\":\"record\",\"name\":\"r\",\"fields\":"
            + "[{\"name\":\"a\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}}]}";

    @TempDir
    private Path directory;

    private ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableConfigurationProperties(CatalogProperties.class)
    @Import({RegistryConfiguration.class, RegistryController.class})
    static class RegistryAlone {}

    @BeforeEach
    void start() {
        context = run();
    }

    @AfterEach
    void stop() {
        context.close();
        http.close();
    }

    private ConfigurableApplicationContext run() {
        return new SpringApplicationBuilder(RegistryAlone.class)
                .run(
                        "--spring.config.name=registry-alone",
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.cloud.function.autodetect=false",
                        "--levada.catalog.data-directory=" + directory,
                        "--levada.catalog.lake-location=" + directory,
                        "--levada.catalog.kafka-bootstrap-servers=none:1");
    }

    private record Answer(int status, JsonNode body) {}

    private Answer call(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                + context.getEnvironment().getProperty("local.server.port") + "/registry" + path))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .header("Accept", "application/vnd.schemaregistry.v1+json")
                        .method(
                                method,
                                body.isEmpty()
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.headers().firstValue("Content-Type")).contains("application/vnd.schemaregistry.v1+json");
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private Answer get(String path) throws IOException, InterruptedException {
        return call("GET", path, "");
    }

    private int register(String subject, String schema) throws IOException, InterruptedException {
        Answer answer = call("POST", "/subjects/" + subject + "/versions", request(schema));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().get("id").asInt();
    }

    private static String request(String schema) {
        return JSON.writeValueAsString(Map.of("schema", schema));
    }

    private void assertError(Answer answer, int status, int code) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().get("error_code").asInt()).isEqualTo(code);
        assertThat(answer.body().get("message").asString()).isNotEmpty();
    }

    @Test
    void givesOneIdToOneSchemaUnderAnySubject() throws Exception {
        int id = register("levada.changes.s.t-value", V1);

        assertThat(register("levada.changes.s.t-value", V1_SPACED)).isEqualTo(id);
        assertThat(register("other-value", V1)).isEqualTo(id);
        assertThat(register("other-value", V1_OTHER_LOGICAL_TYPE)).isNotEqualTo(id);
        assertThat(get("/subjects/levada.changes.s.t-value/versions").body().toString())
                .isEqualTo("[1]");
        assertThat(get("/subjects/other-value/versions").body().toString()).isEqualTo("[1,2]");
        assertThat(get("/subjects").body().toString()).isEqualTo("[\"levada.changes.s.t-value\",\"other-value\"]");
        assertThat(get("/schemas/ids/" + id).body().get("schema").asString()).isEqualTo(V1);
    }

    @Test
    void findsVersionsAndSchemas() throws Exception {
        int first = register("s", V1);
        int second = register("s", V2_READS_V1);

        Answer latest = get("/subjects/s/versions/latest");
        Answer found = call("POST", "/subjects/s", request(V1_SPACED));

        assertThat(latest.body().get("id").asInt()).isEqualTo(second);
        assertThat(latest.body().get("version").asInt()).isEqualTo(2);
        assertThat(latest.body().get("subject").asString()).isEqualTo("s");
        assertThat(found.body().get("id").asInt()).isEqualTo(first);
        assertThat(found.body().get("version").asInt()).isEqualTo(1);
    }

    @Test
    void answersErrorsWithConfluentsCodes() throws Exception {
        register("s", V1);

        assertError(get("/subjects/none/versions"), 404, 40401);
        assertError(get("/subjects/s/versions/7"), 404, 40402);
        assertError(get("/schemas/ids/999"), 404, 40403);
        assertError(call("POST", "/subjects/s", request(V2_READS_V1)), 404, 40403);
        assertError(call("POST", "/subjects/s/versions", request("{\"type\":\"nothing\"}")), 422, 42201);
        assertError(call("POST", "/subjects/s/versions", "no json"), 422, 42201);
        assertError(get("/subjects/s/versions/zero"), 422, 42202);
        assertError(call("PUT", "/config", "{\"compatibility\":\"FULL\"}"), 422, 42203);
        assertError(get("/config/s"), 404, 40408);
    }

    @Test
    void refusesWhatCannotReadTheLatestVersionWhereAskedTo() throws Exception {
        register("s", V1);
        assertThat(get("/config").body().get("compatibilityLevel").asString()).isEqualTo("NONE");

        Answer set = call("PUT", "/config/s", "{\"compatibility\":\"BACKWARD\"}");
        Answer refused = call("POST", "/subjects/s/versions", request(V2_READS_NOTHING));
        Answer checkedBad = call("POST", "/compatibility/subjects/s/versions/latest", request(V2_READS_NOTHING));
        Answer checkedGood = call("POST", "/compatibility/subjects/s/versions/latest", request(V2_READS_V1));

        assertThat(set.body().get("compatibility").asString()).isEqualTo("BACKWARD");
        assertError(refused, 409, 409);
        assertThat(checkedBad.body().get("is_compatible").asBoolean()).isFalse();
        assertThat(checkedGood.body().get("is_compatible").asBoolean()).isTrue();
        assertThat(register("s", V2_READS_V1)).isPositive();
        assertThat(register("free", V1)).isPositive();
        assertThat(register("free", V2_READS_NOTHING)).isPositive();
    }

    @Test
    void keepsSchemasOverARestart() throws Exception {
        int id = register("s", V1);
        context.close();

        context = run();

        assertThat(register("s", V1)).isEqualTo(id);
        assertThat(register("s", V2_READS_V1)).isGreaterThan(id);
    }
}
