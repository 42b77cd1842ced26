package io.levada.catalog.registry;

import java.util.List;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `/compatibility` of Confluent's Schema Registry API: whether a schema could become a subject's next version.
@RestController
@RequestMapping("/registry/compatibility/subjects/{subject}/versions")
class CompatibilityController {
    private final SchemaRegistry registry;

    CompatibilityController(SchemaRegistry registry) {
        this.registry = registry;
    }

    /// Against as many versions as the subject's level asks for.
    @PostMapping
    ResponseEntity<byte[]> withAll(
            @PathVariable("subject") String subject,
            @RequestParam(name = "verbose", defaultValue = "false") boolean verbose,
            @RequestParam(name = "normalize", defaultValue = "false") boolean normalize,
            @RequestBody byte[] body) {
        AvroSchema schema = RegistryJson.read(body, NewSchema.class).parse(normalize);
        return answer(registry.incompatibilities(Subject.of(subject), schema), verbose);
    }

    /// Against one version.
    @PostMapping("/{version}")
    ResponseEntity<byte[]> withOne(
            @PathVariable("subject") String subject,
            @PathVariable("version") String version,
            @RequestParam(name = "verbose", defaultValue = "false") boolean verbose,
            @RequestParam(name = "normalize", defaultValue = "false") boolean normalize,
            @RequestBody byte[] body) {
        AvroSchema schema = RegistryJson.read(body, NewSchema.class).parse(normalize);
        return answer(registry.incompatibilities(Subject.of(subject), VersionId.parse(version), schema), verbose);
    }

    private static ResponseEntity<byte[]> answer(List<String> obstacles, boolean verbose) {
        return RegistryJson.ok(
                verbose
                        ? Map.of("is_compatible", obstacles.isEmpty(), "messages", obstacles)
                        : Map.of("is_compatible", obstacles.isEmpty()));
    }
}
