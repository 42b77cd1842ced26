package io.levada.ingest;

import java.time.Instant;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// `POST /v1/quarantine/settle`: entries of `raw.quarantine` are done with.
@RestController
final class QuarantineController {
    private final Ingest ingest;

    QuarantineController(Ingest ingest) {
        this.ingest = ingest;
    }

    /// @param table the raw table that the rows were meant for
    /// @param upTo `_ingested_at` of the newest entry that is meant
    record Settlement(String table, Instant upTo) {}

    @PostMapping(path = "/v1/quarantine/settle", consumes = MediaType.APPLICATION_JSON_VALUE)
    Settlement settle(@RequestBody Settlement settlement) {
        ingest.settle(settlement.table(), settlement.upTo());
        return settlement;
    }
}
