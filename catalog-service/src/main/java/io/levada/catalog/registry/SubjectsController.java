package io.levada.catalog.registry;

import java.util.List;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `/subjects` of Confluent's Schema Registry API: what is registered under which name.
@RestController
@RequestMapping("/registry/subjects")
class SubjectsController {
    private final SchemaRegistry registry;

    SubjectsController(SchemaRegistry registry) {
        this.registry = registry;
    }

    @GetMapping
    ResponseEntity<byte[]> subjects(
            @RequestParam(name = "subjectPrefix", defaultValue = "") String prefix,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted,
            @RequestParam(name = "deletedOnly", defaultValue = "false") boolean deletedOnly,
            @RequestParam(name = "offset", defaultValue = "0") int offset,
            @RequestParam(name = "limit", defaultValue = "-1") int limit) {
        return RegistryJson.ok(
                Page.of(registry.subjects(Page.prefix(prefix), Shown.of(deleted, deletedOnly)), offset, limit));
    }

    @PostMapping("/{subject}")
    ResponseEntity<byte[]> find(
            @PathVariable("subject") String subject,
            @RequestParam(name = "normalize", defaultValue = "false") boolean normalize,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted,
            @RequestBody byte[] body) {
        AvroSchema schema = RegistryJson.read(body, NewSchema.class).parse(normalize);
        return RegistryJson.ok(
                RegistryJson.Version.of(registry.find(Subject.of(subject), schema, Shown.of(deleted, false))));
    }

    @DeleteMapping("/{subject}")
    ResponseEntity<byte[]> delete(
            @PathVariable("subject") String subject,
            @RequestParam(name = "permanent", defaultValue = "false") boolean permanent) {
        return RegistryJson.ok(registry.deleteSubject(Subject.of(subject), permanent));
    }

    @GetMapping("/{subject}/versions")
    ResponseEntity<byte[]> versions(
            @PathVariable("subject") String subject,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted,
            @RequestParam(name = "deletedOnly", defaultValue = "false") boolean deletedOnly,
            @RequestParam(name = "offset", defaultValue = "0") int offset,
            @RequestParam(name = "limit", defaultValue = "-1") int limit) {
        List<Integer> numbers = registry.versions(Subject.of(subject), Shown.of(deleted, deletedOnly)).stream()
                .map(RegisteredSchema::version)
                .toList();
        return RegistryJson.ok(Page.of(numbers, offset, limit));
    }

    @PostMapping("/{subject}/versions")
    ResponseEntity<byte[]> register(
            @PathVariable("subject") String subject,
            @RequestParam(name = "normalize", defaultValue = "false") boolean normalize,
            @RequestBody byte[] body) {
        NewSchema request = RegistryJson.read(body, NewSchema.class);
        AvroSchema schema = request.parse(normalize);
        RegisteredSchema registered =
                registry.register(Subject.of(subject), schema, request.givenId(), request.givenVersion());
        return RegistryJson.ok(Map.of("id", registered.id()));
    }

    @GetMapping("/{subject}/versions/{version}")
    ResponseEntity<byte[]> version(
            @PathVariable("subject") String subject,
            @PathVariable("version") String version,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted) {
        return RegistryJson.ok(RegistryJson.Version.of(found(subject, version, deleted)));
    }

    @GetMapping("/{subject}/versions/{version}/schema")
    ResponseEntity<byte[]> schema(
            @PathVariable("subject") String subject,
            @PathVariable("version") String version,
            @RequestParam(name = "deleted", defaultValue = "false") boolean deleted) {
        return RegistryJson.text(found(subject, version, deleted).schema());
    }

    /// Nothing refers to anything here.
    @GetMapping("/{subject}/versions/{version}/referencedby")
    ResponseEntity<byte[]> referencedBy(
            @PathVariable("subject") String subject, @PathVariable("version") String version) {
        found(subject, version, true);
        return RegistryJson.ok(List.of());
    }

    private RegisteredSchema found(String subject, String version, boolean deleted) {
        return registry.version(Subject.of(subject), VersionId.parse(version), Shown.of(deleted, false));
    }

    @DeleteMapping("/{subject}/versions/{version}")
    ResponseEntity<byte[]> deleteVersion(
            @PathVariable("subject") String subject,
            @PathVariable("version") String version,
            @RequestParam(name = "permanent", defaultValue = "false") boolean permanent) {
        return RegistryJson.ok(registry.deleteVersion(Subject.of(subject), VersionId.parse(version), permanent));
    }
}
