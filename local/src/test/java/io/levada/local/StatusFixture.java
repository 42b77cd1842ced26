package io.levada.local;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Bodies of the services' `GET /v1/status`, as they answer them.
final class StatusFixture {
    private static final String ENDED = """
            {"sources": [{"name": "bank", "type": "postgres", "state": "STREAMING", "changes": 1200,
                          "tables": [{"table": "public.customer", "state": "LOADED", "rowsLoaded": 500}]}],
             "endOfInput": {"reached": true, "tables": {"raw.bank_customer": {"levada.load.generation": 1}}}}""";
    private static final String COMMITTED = """
            {"tables": [{"name": "raw.bank_customer", "rows": 500, "properties": {"levada.load.generation": "1"}}],
             "parked": []}""";

    private String ingest = ENDED;
    private String catalog = COMMITTED;
    private String transform = "{\"tables\": [], \"settled\": true}";
    private String warehouse = "{\"loads\": [], \"settled\": true}";

    StatusFixture ingest(String body) {
        ingest = body;
        return this;
    }

    StatusFixture catalog(String body) {
        catalog = body;
        return this;
    }

    StatusFixture transform(String body) {
        transform = body;
        return this;
    }

    StatusFixture warehouse(String body) {
        warehouse = body;
        return this;
    }

    PipelineStatus status() {
        return new PipelineStatus(json(ingest), json(catalog), json(transform), json(warehouse));
    }

    private static JsonNode json(String body) {
        return JsonMapper.shared().readTree(body);
    }
}
