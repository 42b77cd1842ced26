package io.levada.ingest.changes;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Confluent-compatible schema registry over its REST API. What it answered once is kept: ids do not change.
///
/// Safe for use by several threads.
public final class SchemaRegistry implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

    /// Confluent's error code.
    private static final int SCHEMA_NOT_FOUND = 40403;

    private final URI uri;
    private final @Nullable String token;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final JsonMapper json = JsonMapper.shared();
    private final Map<Integer, ChangeSchema> byId = new ConcurrentHashMap<>();

    /// @param uri without a trailing slash, such as `http://127.0.0.1:8082/registry`
    public SchemaRegistry(URI uri) {
        this(uri, null);
    }

    /// @param uri without a trailing slash, such as `http://127.0.0.1:8082/registry`
    /// @param token that it demands; null where it demands none
    public SchemaRegistry(URI uri, @Nullable String token) {
        this.uri = uri;
        this.token = token;
    }

    /// Registers the schema of a topic's values.
    ///
    /// @return its id
    /// @throws RegistryTrouble where the registry can not be reached or refuses
    public int register(String topic, ChangeSchema schema) throws IOException {
        String subject = URLEncoder.encode(topic + "-value", StandardCharsets.UTF_8);
        String body = json.writeValueAsString(Map.of("schema", schema.avro().toString()));
        HttpResponse<String> response =
                send(HttpRequest.newBuilder(URI.create(uri + "/subjects/" + subject + "/versions"))
                        .header("Content-Type", MEDIA_TYPE)
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
        if (response.statusCode() != 200) {
            throw new RegistryTrouble("The schema registry refused a schema of topic " + topic + " with HTTP "
                    + response.statusCode() + ": " + response.body());
        }
        int id = json.readTree(response.body()).required("id").asInt();
        byId.put(id, schema);
        return id;
    }

    /// The schema of an id; empty only where the registry says, by its own error code, that there is none: another 404
    /// may come from anything between.
    ///
    /// @throws RegistryTrouble where the registry can not be reached or does not answer as one: ask again
    /// @throws IllegalArgumentException where the schema is not one of changes
    public Optional<ChangeSchema> schema(int id) throws IOException {
        ChangeSchema known = byId.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        HttpResponse<String> response = send(
                HttpRequest.newBuilder(URI.create(uri + "/schemas/ids/" + id)).GET());
        JsonNode answer = answer(response, id);
        if (response.statusCode() == 404 && answer.path("error_code").asInt(0) == SCHEMA_NOT_FOUND) {
            return Optional.empty();
        }
        if (response.statusCode() != 200 || !answer.path("schema").isString()) {
            throw new RegistryTrouble(
                    "The schema registry answered schema " + id + " with HTTP " + response.statusCode());
        }
        ChangeSchema schema = parsed(answer.path("schema").asString(), id);
        byId.put(id, schema);
        return Optional.of(schema);
    }

    private JsonNode answer(HttpResponse<String> response, int id) throws IOException {
        try {
            return json.readTree(response.body());
        } catch (JacksonException e) {
            throw new RegistryTrouble(
                    "The schema registry answered schema " + id + " with HTTP " + response.statusCode()
                            + " and no JSON",
                    e);
        }
    }

    private static ChangeSchema parsed(String schema, int id) {
        try {
            return ChangeSchema.parse(schema);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("Schema " + id + " is not one of changes", e);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            return http.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new RegistryTrouble("The schema registry at " + uri + " does not answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryTrouble("Interrupted while asking the schema registry", e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
