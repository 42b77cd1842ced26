package io.levada.catalog.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The part of Confluent's Schema Registry API that Avro clients use.
@RestController
@RequestMapping("/registry")
class RegistryController {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryController.class);
    private static final MediaType REGISTRY_JSON = MediaType.parseMediaType("application/vnd.schemaregistry.v1+json");
    private static final int UNREADABLE = 42201;
    private static final int DATABASE_FAILED = 50001;

    private final SchemaRegistry registry;
    private final JsonMapper json = JsonMapper.builder().build();

    RegistryController(SchemaRegistry registry) {
        this.registry = registry;
    }

    private record SchemaRequest(
            @Nullable String schema,
            @Nullable String schemaType,
            @Nullable List<Object> references) {
        AvroSchema parse() {
            if (schemaType != null && !schemaType.equals("AVRO")) {
                throw RegistryFailure.invalidSchema("this registry holds AVRO, not " + schemaType);
            }
            if (references != null && !references.isEmpty()) {
                throw RegistryFailure.invalidSchema("this registry knows no references between schemas");
            }
            return AvroSchema.parse(schema);
        }
    }

    private record LevelRequest(@Nullable String compatibility) {}

    private record Failure(@JsonProperty("error_code") int errorCode, String message) {}

    @PostMapping("/subjects/{subject}/versions")
    ResponseEntity<byte[]> register(@PathVariable("subject") String subject, @RequestBody byte[] body) {
        AvroSchema schema = json.readValue(body, SchemaRequest.class).parse();
        return ok(Map.of("id", registry.register(subject, schema).id()));
    }

    @PostMapping("/subjects/{subject}")
    ResponseEntity<byte[]> find(@PathVariable("subject") String subject, @RequestBody byte[] body) {
        return ok(
                registry.find(subject, json.readValue(body, SchemaRequest.class).parse()));
    }

    @GetMapping("/subjects")
    ResponseEntity<byte[]> subjects() {
        return ok(registry.subjects());
    }

    @GetMapping("/subjects/{subject}/versions")
    ResponseEntity<byte[]> versions(@PathVariable("subject") String subject) {
        return ok(registry.versions(subject));
    }

    @GetMapping("/subjects/{subject}/versions/{version}")
    ResponseEntity<byte[]> version(@PathVariable("subject") String subject, @PathVariable("version") String version) {
        return ok(registry.version(subject, version));
    }

    @GetMapping("/schemas/ids/{id}")
    ResponseEntity<byte[]> schema(@PathVariable("id") String id) {
        try {
            return ok(Map.of("schema", registry.schema(Integer.parseInt(id))));
        } catch (NumberFormatException e) {
            throw RegistryFailure.schemaNotFound("id " + id);
        }
    }

    @GetMapping("/config")
    ResponseEntity<byte[]> globalLevel() {
        return ok(Map.of("compatibilityLevel", registry.globalLevel()));
    }

    @PutMapping("/config")
    ResponseEntity<byte[]> setGlobalLevel(@RequestBody byte[] body) {
        CompatibilityLevel level = level(body);
        registry.setGlobalLevel(level);
        return ok(Map.of("compatibility", level));
    }

    @GetMapping("/config/{subject}")
    ResponseEntity<byte[]> subjectLevel(
            @PathVariable("subject") String subject,
            @RequestParam(name = "defaultToGlobal", defaultValue = "false") boolean defaultToGlobal) {
        return ok(Map.of("compatibilityLevel", registry.subjectLevel(subject, defaultToGlobal)));
    }

    @PutMapping("/config/{subject}")
    ResponseEntity<byte[]> setSubjectLevel(@PathVariable("subject") String subject, @RequestBody byte[] body) {
        CompatibilityLevel level = level(body);
        registry.setSubjectLevel(subject, level);
        return ok(Map.of("compatibility", level));
    }

    @PostMapping("/compatibility/subjects/{subject}/versions/{version}")
    ResponseEntity<byte[]> compatibility(
            @PathVariable("subject") String subject,
            @PathVariable("version") String version,
            @RequestParam(name = "verbose", defaultValue = "false") boolean verbose,
            @RequestBody byte[] body) {
        AvroSchema schema = json.readValue(body, SchemaRequest.class).parse();
        List<String> obstacles = registry.incompatibilities(subject, version, schema);
        return ok(
                verbose
                        ? Map.of("is_compatible", obstacles.isEmpty(), "messages", obstacles)
                        : Map.of("is_compatible", obstacles.isEmpty()));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> refused(RegistryFailure failure) {
        return failure(failure.status(), failure.errorCode(), String.valueOf(failure.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<byte[]> unreadable(JacksonException failure) {
        return failure(422, UNREADABLE, "The request can not be read: " + failure.getOriginalMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> failed(IllegalStateException failure) {
        LOG.atError().setCause(failure).log("A registry request failed");
        return failure(500, DATABASE_FAILED, String.valueOf(failure.getMessage()));
    }

    private CompatibilityLevel level(byte[] body) {
        return CompatibilityLevel.parse(json.readValue(body, LevelRequest.class).compatibility());
    }

    private ResponseEntity<byte[]> failure(int status, int errorCode, String message) {
        return ResponseEntity.status(status)
                .contentType(REGISTRY_JSON)
                .body(json.writeValueAsBytes(new Failure(errorCode, message)));
    }

    private ResponseEntity<byte[]> ok(Object answer) {
        return ResponseEntity.ok().contentType(REGISTRY_JSON).body(json.writeValueAsBytes(answer));
    }
}
