package io.levada.transform;

import io.levada.transform.derived.TransformLoop;
import io.levada.transform.derived.TransformStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `GET /v1/status`
@RestController
class StatusEndpoint {
    private final TransformLoop loop;

    StatusEndpoint(TransformLoop loop) {
        this.loop = loop;
    }

    @GetMapping("/v1/status")
    TransformStatus status() {
        return loop.status();
    }
}
