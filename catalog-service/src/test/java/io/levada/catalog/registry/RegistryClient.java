package io.levada.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of a registry, as Confluent's are.
final class RegistryClient implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

    private final URI uri;
    private final HttpClient http = HttpClient.newHttpClient();

    RegistryClient(URI uri) {
        this.uri = uri;
    }

    /// @param text the body
    record Answer(int status, String contentType, String text) {
        JsonNode body() {
            return JSON.readTree(text);
        }

        String field(String name) {
            return body().path(name).asString();
        }

        int number(String name) {
            assertThat(status).as(text).isEqualTo(200);
            return body().path(name).asInt();
        }
    }

    Answer call(String method, String path, String body) {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(uri + path))
                            .header("Content-Type", MEDIA_TYPE)
                            .header("Accept", MEDIA_TYPE + ", application/vnd.schemaregistry+json, application/json")
                            .method(
                                    method,
                                    body.isEmpty()
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    Answer get(String path) {
        return call("GET", path, "");
    }

    Answer delete(String path) {
        return call("DELETE", path, "");
    }

    Answer post(String path, String schema) {
        return call("POST", path, request(schema));
    }

    int register(String subject, String schema) {
        return post("/subjects/" + subject + "/versions", schema).number("id");
    }

    void level(String subject, String level) {
        Answer answer = call("PUT", "/config/" + subject, "{\"compatibility\":\"" + level + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.field("compatibility")).isEqualTo(level);
    }

    void mode(String subject, String mode) {
        Answer answer = call("PUT", "/mode/" + subject, "{\"mode\":\"" + mode + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.field("mode")).isEqualTo(mode);
    }

    static String request(String schema) {
        return request(schema, Map.of());
    }

    static String request(String schema, Map<String, Object> more) {
        Map<String, Object> body = new HashMap<>(more);
        body.put("schema", schema);
        return JSON.writeValueAsString(body);
    }

    @Override
    public void close() {
        http.close();
    }
}
