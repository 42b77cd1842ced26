package io.levada.catalog.registry;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `/config` and `/mode` of Confluent's Schema Registry API.
@RestController
@RequestMapping("/registry")
class ConfigController {
    private final RegistryPolicies policies;

    ConfigController(RegistryPolicies policies) {
        this.policies = policies;
    }

    /// What else a configuration may have in Confluent's registry is refused where it has a value.
    private record LevelRequest(
            @Nullable String compatibility, @JsonAnySetter Map<String, @Nullable Object> others) {
        LevelRequest {
            others = others == null ? Map.of() : new HashMap<>(others);
        }

        CompatibilityLevel level() {
            others.forEach((name, value) -> {
                if (value != null && !value.equals(false)) {
                    throw RegistryFailure.unknownSetting(name);
                }
            });
            return CompatibilityLevel.parse(compatibility);
        }
    }

    private record ModeRequest(@Nullable String mode) {}

    @GetMapping("/config")
    ResponseEntity<byte[]> globalLevel() {
        return level(policies.globalLevel());
    }

    @PutMapping("/config")
    ResponseEntity<byte[]> setGlobalLevel(@RequestBody byte[] body) {
        return setLevel(RegistryTables.GLOBAL, body);
    }

    @DeleteMapping("/config")
    ResponseEntity<byte[]> removeGlobalLevel() {
        return level(policies.removeLevel(RegistryTables.GLOBAL));
    }

    @GetMapping("/config/{subject}")
    ResponseEntity<byte[]> level(
            @PathVariable("subject") String subject,
            @RequestParam(name = "defaultToGlobal", defaultValue = "false") boolean defaultToGlobal) {
        return level(policies.level(Subject.of(subject), defaultToGlobal));
    }

    @PutMapping("/config/{subject}")
    ResponseEntity<byte[]> setSubjectLevel(@PathVariable("subject") String subject, @RequestBody byte[] body) {
        return setLevel(Subject.of(subject), body);
    }

    @DeleteMapping("/config/{subject}")
    ResponseEntity<byte[]> removeLevel(@PathVariable("subject") String subject) {
        return level(policies.removeLevel(Subject.of(subject)));
    }

    private ResponseEntity<byte[]> setLevel(String subject, byte[] body) {
        CompatibilityLevel level = RegistryJson.read(body, LevelRequest.class).level();
        policies.setLevel(subject, level);
        return RegistryJson.ok(Map.of("compatibility", level));
    }

    private static ResponseEntity<byte[]> level(CompatibilityLevel level) {
        return RegistryJson.ok(Map.of("compatibilityLevel", level));
    }

    @GetMapping("/mode")
    ResponseEntity<byte[]> globalMode() {
        return mode(policies.globalMode());
    }

    @PutMapping("/mode")
    ResponseEntity<byte[]> setGlobalMode(
            @RequestParam(name = "force", defaultValue = "false") boolean force, @RequestBody byte[] body) {
        return setMode(RegistryTables.GLOBAL, force, body);
    }

    @DeleteMapping("/mode")
    ResponseEntity<byte[]> removeGlobalMode() {
        return mode(policies.removeMode(RegistryTables.GLOBAL));
    }

    @GetMapping("/mode/{subject}")
    ResponseEntity<byte[]> mode(
            @PathVariable("subject") String subject,
            @RequestParam(name = "defaultToGlobal", defaultValue = "false") boolean defaultToGlobal) {
        return mode(policies.mode(Subject.of(subject), defaultToGlobal));
    }

    @PutMapping("/mode/{subject}")
    ResponseEntity<byte[]> setSubjectMode(
            @PathVariable("subject") String subject,
            @RequestParam(name = "force", defaultValue = "false") boolean force,
            @RequestBody byte[] body) {
        return setMode(Subject.of(subject), force, body);
    }

    @DeleteMapping("/mode/{subject}")
    ResponseEntity<byte[]> removeMode(@PathVariable("subject") String subject) {
        return mode(policies.removeMode(Subject.of(subject)));
    }

    private ResponseEntity<byte[]> setMode(String subject, boolean force, byte[] body) {
        RegistryMode mode =
                RegistryMode.parse(RegistryJson.read(body, ModeRequest.class).mode());
        policies.setMode(subject, mode, force);
        return mode(mode);
    }

    private static ResponseEntity<byte[]> mode(RegistryMode mode) {
        return RegistryJson.ok(Map.of("mode", mode));
    }
}
