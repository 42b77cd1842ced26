package io.levada.ingest;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `GET /v1/status` of ingest-service.
@RestController
class IngestStatusController {
    private final Ingest ingest;

    IngestStatusController(Ingest ingest) {
        this.ingest = ingest;
    }

    @GetMapping("/v1/status")
    Ingest.Status status() {
        return ingest.status();
    }
}
