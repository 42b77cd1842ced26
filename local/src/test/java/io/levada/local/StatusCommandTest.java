package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class StatusCommandTest {
    @Test
    void laysOutWhatEachServiceSays() {
        String text = text("""
                {"ingest": {"reachable": true, "status": {"sources": [
                    {"name": "bank", "type": "postgres", "state": "STREAMING", "lagBytes": 0, "changes": 1200, "quarantinedRows": 7, "message": null},
                    {"name": "sales", "state": "WATCHING", "arrived": 3, "landed": 2, "lastError": null}]}},
                 "catalog": {"reachable": true, "status": {"tables": [
                    {"name": "raw.bank_customer", "rows": 500, "files": 1, "bytes": 14824, "committedAt": "2026-11-21T04:20:21Z"}],
                    "parked": []}},
                 "transform": {"reachable": true, "status": {"tables": [
                    {"name": "curated.x", "state": "FAILED", "error": {"code": "T-1", "detail": "division by zero"}}]}},
                 "warehouse": {"reachable": false, "status": null, "error": "No connection"}}""");

        assertThat(text)
                .contains("warehouse-service does not answer: No connection")
                .containsPattern("bank +STREAMING +0 +1,200 +7")
                .containsPattern("sales +WATCHING +3 +2")
                .containsPattern("raw.bank_customer +500 +1 +14,824 +2026-11-21T04:20:21Z")
                .containsPattern("curated.x +FAILED +T-1: division by zero");
    }

    private static String text(String status) {
        return StatusCommand.text(JsonMapper.shared().readTree(status));
    }
}
