package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PipelineStatusTest {
    @Test
    void isCommittedOnceTheTablesHoldTheEndOfTheInput() {
        assertThat(new StatusFixture().status().inputCommitted()).isTrue();
    }

    @Test
    void isNotCommittedWhileATableIsBehindTheEndOfTheInput() {
        StatusFixture behind = new StatusFixture()
                .catalog(
                        "{\"tables\": [{\"name\": \"raw.bank_customer\", \"properties\": {\"levada.load.generation\": \"0\"}}]}");

        assertThat(behind.status().inputCommitted()).isFalse();
    }

    @Test
    void isNotCommittedWhileATableIsMissingOrLacksTheProperty() {
        assertThat(new StatusFixture().catalog("{\"tables\": []}").status().inputCommitted())
                .isFalse();
        assertThat(new StatusFixture()
                        .catalog("{\"tables\": [{\"name\": \"raw.bank_customer\", \"properties\": {}}]}")
                        .status()
                        .inputCommitted())
                .isFalse();
    }

    @Test
    void isNotCommittedBeforeTheInputHasEnded() {
        StatusFixture running =
                new StatusFixture().ingest("{\"sources\": [], \"endOfInput\": {\"reached\": false, \"tables\": {}}}");

        assertThat(running.status().inputCommitted()).isFalse();
    }

    @Test
    void namesEverythingThatStopped() {
        PipelineStatus status = new StatusFixture().ingest("""
                        {"sources": [{"name": "bank", "state": "STOPPED", "code": "CAPTURE-WAL-LEVEL",
                                      "message": "wal_level is 'replica'", "nextStep": "Run ALTER SYSTEM",
                                      "tables": [{"table": "public.x", "state": "FAILED", "code": "C", "message": "bad"}]}]}""").catalog("""
                        {"parked": [{"table": "raw.a", "code": "CATALOG-GAP", "reason": "offsets", "nextStep": "look"}]}""").status();

        assertThat(status.stops())
                .containsExactly(
                        "source bank: CAPTURE-WAL-LEVEL: wal_level is 'replica': Run ALTER SYSTEM",
                        "table public.x of source bank: C: bad",
                        "table raw.a is parked: CATALOG-GAP: offsets: look");
    }

    @Test
    void namesDerivedTablesAndLoadsThatFailed() {
        PipelineStatus status =
                new StatusFixture().transform("""
                        {"tables": [{"name": "curated.x", "state": "FAILED", "error": {"code": "T", "detail": "division"}},
                                    {"name": "curated.y", "state": "UP_TO_DATE", "error": null}]}""").warehouse("""
                        {"loads": [{"target": "s.x", "state": "FAILED", "error": {"code": "W", "detail": "doubled key"}}]}""").status();

        assertThat(status.failures()).containsExactly("table curated.x: T: division", "load of s.x: W: doubled key");
    }

    @Test
    void saysInOneLineWhatHappens() {
        assertThat(new StatusFixture().status().line())
                .isEqualTo("bank: streaming, 500 rows loaded, 1,200 changes | lake: 1 tables, 500 rows"
                        + " | derived: 0 of 0 up to date | warehouse: 0 of 0 loaded");
    }
}
