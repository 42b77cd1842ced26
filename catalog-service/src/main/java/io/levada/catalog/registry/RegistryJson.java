package io.levada.catalog.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/// Bodies of the registry's API. Each answer has Confluent's media type, whatever the client accepts: they all read it.
final class RegistryJson {
    static final MediaType MEDIA_TYPE = MediaType.parseMediaType("application/vnd.schemaregistry.v1+json");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private RegistryJson() {}

    private record Failure(@JsonProperty("error_code") int errorCode, String message) {}

    /// A version as answers show it.
    record Version(String subject, int version, int id, String schema) {
        static Version of(RegisteredSchema version) {
            return new Version(version.subject(), version.version(), version.id(), version.schema());
        }
    }

    static <T> T read(byte[] body, Class<T> type) {
        T read = JSON.readValue(body, type);
        if (read == null) {
            throw RegistryFailure.invalidSchema("the request has no body");
        }
        return read;
    }

    static ResponseEntity<byte[]> ok(Object answer) {
        return ResponseEntity.ok().contentType(MEDIA_TYPE).body(JSON.writeValueAsBytes(answer));
    }

    /// An answer that is JSON already.
    static ResponseEntity<byte[]> text(String json) {
        return ResponseEntity.ok().contentType(MEDIA_TYPE).body(json.getBytes(StandardCharsets.UTF_8));
    }

    static ResponseEntity<byte[]> failed(int status, int errorCode, String message) {
        return ResponseEntity.status(status)
                .contentType(MEDIA_TYPE)
                .body(JSON.writeValueAsBytes(new Failure(errorCode, message)));
    }
}
