package io.levada.catalog.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `/schemas` of Confluent's Schema Registry API: schemas by the ids that messages carry.
@RestController
@RequestMapping("/registry/schemas")
class SchemasController {
    private final SchemaRegistry registry;

    SchemasController(SchemaRegistry registry) {
        this.registry = registry;
    }

    private record SubjectVersion(String subject, int version) {}

    @GetMapping
    ResponseEntity<byte[]> schemas(
            @RequestParam(name = "subjectPrefix", defaultValue = "") String prefix,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted,
            @RequestParam(name = "latestOnly", defaultValue = "false") boolean latestOnly,
            @RequestParam(name = "offset", defaultValue = "0") int offset,
            @RequestParam(name = "limit", defaultValue = "-1") int limit) {
        List<RegistryJson.Version> found =
                registry.schemas(Page.prefix(prefix), Shown.of(deleted, false), latestOnly).stream()
                        .map(RegistryJson.Version::of)
                        .toList();
        return RegistryJson.ok(Page.of(found, offset, limit));
    }

    @GetMapping("/types")
    ResponseEntity<byte[]> types() {
        return RegistryJson.ok(List.of("AVRO"));
    }

    @GetMapping("/ids/{id}")
    ResponseEntity<byte[]> schema(
            @PathVariable("id") String id,
            @RequestParam(name = "fetchMaxId", defaultValue = "false") boolean fetchMaxId) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("schema", registry.schema(number(id)));
        if (fetchMaxId) {
            answer.put("maxId", registry.maxId());
        }
        return RegistryJson.ok(answer);
    }

    @GetMapping("/ids/{id}/schema")
    ResponseEntity<byte[]> text(@PathVariable("id") String id) {
        return RegistryJson.text(registry.schema(number(id)));
    }

    @GetMapping("/ids/{id}/subjects")
    ResponseEntity<byte[]> subjects(
            @PathVariable("id") String id, @RequestParam(name = "deleted", defaultValue = "false") boolean deleted) {
        return RegistryJson.ok(registry.versionsOf(number(id), Shown.of(deleted, false)).stream()
                .map(RegisteredSchema::subject)
                .distinct()
                .toList());
    }

    @GetMapping("/ids/{id}/versions")
    ResponseEntity<byte[]> versions(
            @PathVariable("id") String id, @RequestParam(name = "deleted", defaultValue = "false") boolean deleted) {
        return RegistryJson.ok(registry.versionsOf(number(id), Shown.of(deleted, false)).stream()
                .map(version -> new SubjectVersion(version.subject(), version.version()))
                .toList());
    }

    private static int number(String id) {
        try {
            return Integer.parseInt(id);
        } catch (NumberFormatException e) {
            throw RegistryFailure.schemaNotFound("id " + id);
        }
    }
}
