package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MaintenanceTextTest {
    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }

    @Test
    void showsWhatWasDoneToEachTable() {
        MaintenanceText text = new MaintenanceText(json("""
                {'state': 'IDLE', 'tables': [{'table': 'raw.s_t', 'filesBefore': 1000, 'filesAfter': 8,
                  'bytesBefore': 2048, 'bytesAfter': 2048, 'filesRewritten': 1000, 'snapshotsExpired': 3,
                  'rowsRemoved': 4711, 'orphansDeleted': 30, 'problems': []}], 'orphans': {'problems': []}}"""), null);

        assertThat(text.toString())
                .contains("raw.s_t")
                .contains("1,000 -> 8")
                .contains("2,048")
                .contains("4,711")
                .contains("30");
        assertThat(text.failed()).isFalse();
    }

    @Test
    void failsWithTheCodeAndTheNextStepOfWhatWasNotDone() {
        MaintenanceText text = new MaintenanceText(json("""
                {'tables': [], 'orphans': {'problems': [
                  {'code': 'ORPHANS_UNCERTAIN', 'detail': 'Kafka is away', 'nextStep': 'Check Kafka'}]}}"""), null);

        assertThat(text.failed()).isTrue();
        assertThat(text.toString()).contains("ORPHANS_UNCERTAIN Kafka is away").contains("Next: Check Kafka.");
    }

    @Test
    void filesThatAreLeftAloneAreNoFailure() {
        MaintenanceText text = new MaintenanceText(json("""
                {'tables': [{'table': 'raw.s_t', 'problems': [
                  {'code': 'REWRITE_UNSUPPORTED', 'detail': 'fixed', 'nextStep': 'Nothing'}]}]}"""), null);

        assertThat(text.failed()).isFalse();
        assertThat(text.toString()).contains("REWRITE_UNSUPPORTED fixed");
    }

    @Test
    void showsOneTableWhereOneIsAskedFor() {
        MaintenanceText text =
                new MaintenanceText(json("{'tables': [{'table': 'raw.a_b'}, {'table': 'raw.c_d'}]}"), "raw.c_d");

        assertThat(text.toString()).contains("raw.c_d").doesNotContain("raw.a_b");
    }

    @Test
    void saysWhatIsDoneNow() {
        assertThat(MaintenanceText.doing(json("{'state': 'RUNNING', 'table': 'raw.s_t', 'step': 'compaction'}")))
                .isEqualTo("raw.s_t: compaction");
        assertThat(MaintenanceText.doing(json("{'state': 'IDLE'}"))).isEmpty();
    }
}
