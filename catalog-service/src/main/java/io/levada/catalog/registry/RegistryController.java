package io.levada.catalog.registry;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// The rest of Confluent's Schema Registry API: what clients ask to find out that there is a registry, and what there
/// is not.
@RestController
@RequestMapping("/registry")
class RegistryController {
    @GetMapping({"", "/"})
    ResponseEntity<byte[]> root() {
        return RegistryJson.ok(Map.of());
    }

    /// There is the default context alone.
    @GetMapping("/contexts")
    ResponseEntity<byte[]> contexts() {
        return RegistryJson.ok(List.of("."));
    }

    @RequestMapping("/**")
    ResponseEntity<byte[]> unknown(HttpServletRequest request) {
        return RegistryJson.failed(
                404, 404, "This registry does not answer " + request.getMethod() + " " + request.getRequestURI());
    }
}
