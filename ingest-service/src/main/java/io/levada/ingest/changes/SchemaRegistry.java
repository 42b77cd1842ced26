package io.levada.ingest.changes;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Confluent-compatible schema registry over its REST API. What it answered once is kept: ids do not change.
///
/// Safe for use by several threads.
public final class SchemaRegistry implements AutoCloseable {
    /// Confluent's error code.
    private static final int SCHEMA_NOT_FOUND = 40403;

    private static final int INCOMPATIBLE = 409;
    private static final String ANY_CHANGE = "{\"compatibility\":\"NONE\"}";

    private final RegistryCalls calls;
    private final JsonMapper json = JsonMapper.shared();
    private final Map<Integer, ChangeSchema> byId = new ConcurrentHashMap<>();

    /// @param uri without a trailing slash, such as `http://127.0.0.1:8082/registry`
    public SchemaRegistry(URI uri) {
        this(new RegistryAddress(uri, null, false));
    }

    public SchemaRegistry(RegistryAddress registry) {
        this.calls = new RegistryCalls(registry);
    }

    /// Registers the schema of a topic's values. Where the registry holds the topic to a compatibility level, as
    /// others than Levada's do by default, it is released from it: a table may change in every way.
    ///
    /// @return its id
    /// @throws RegistryTrouble where the registry can not be reached or refuses
    public int register(String topic, ChangeSchema schema) throws IOException {
        String subject = URLEncoder.encode(topic + "-value", StandardCharsets.UTF_8);
        HttpResponse<String> response = registered(subject, schema);
        if (response.statusCode() == INCOMPATIBLE) {
            release(topic, subject);
            response = registered(subject, schema);
        }
        if (response.statusCode() != 200) {
            throw calls.trouble(
                    "The schema registry refused a schema of topic " + topic + " with HTTP " + response.statusCode()
                            + ": " + RegistryCalls.excerpt(response),
                    null);
        }
        JsonNode id = answer(response, "a schema of topic " + topic).path("id");
        if (!id.isInt()) {
            throw calls.trouble("The schema registry gave no id to a schema of topic " + topic, null);
        }
        byId.put(id.asInt(), schema);
        return id.asInt();
    }

    private HttpResponse<String> registered(String subject, ChangeSchema schema) throws IOException {
        String body = json.writeValueAsString(Map.of("schema", schema.avro().toString()));
        return calls.send("POST", "/subjects/" + subject + "/versions", body);
    }

    private void release(String topic, String subject) throws IOException {
        HttpResponse<String> response = calls.send("PUT", "/config/" + subject, ANY_CHANGE);
        if (response.statusCode() != 200) {
            throw calls.trouble(
                    "The schema registry holds topic " + topic
                            + " to a compatibility level and does not release it (HTTP "
                            + response.statusCode() + ": " + RegistryCalls.excerpt(response)
                            + "). Set the level of subject " + topic + "-value to NONE there",
                    null);
        }
    }

    /// The schema of an id; empty only where the registry says, by its own error code, that there is none:
    /// another 404 may come from anything between.
    ///
    /// @throws RegistryTrouble where the registry can not be reached or does not answer as one: ask again
    /// @throws IllegalArgumentException where the schema is not one of changes
    public Optional<ChangeSchema> schema(int id) throws IOException {
        ChangeSchema known = byId.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        HttpResponse<String> response = calls.send("GET", "/schemas/ids/" + id, null);
        JsonNode answer = answer(response, "schema " + id);
        if (response.statusCode() == 404 && answer.path("error_code").asInt(0) == SCHEMA_NOT_FOUND) {
            return Optional.empty();
        }
        if (response.statusCode() != 200 || !answer.path("schema").isString()) {
            throw calls.trouble(
                    "The schema registry answered schema " + id + " with HTTP " + response.statusCode(), null);
        }
        ChangeSchema schema = parsed(answer.path("schema").asString(), id);
        byId.put(id, schema);
        return Optional.of(schema);
    }

    private JsonNode answer(HttpResponse<String> response, String asked) throws IOException {
        try {
            return json.readTree(response.body());
        } catch (JacksonException e) {
            throw calls.trouble(
                    "The schema registry answered " + asked + " with HTTP " + response.statusCode() + " and no JSON",
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

    @Override
    public void close() {
        calls.close();
    }
}
