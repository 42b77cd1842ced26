package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HistoryTextTest {
    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }

    @Test
    void showsEachSnapshotWithItsCauseAndWhatItWasMadeOf() {
        assertThat(new HistoryText(json("""
                {'name': 'raw.s_t', 'moreSnapshots': true, 'snapshots': [
                  {'snapshotId': '124', 'committedAt': '2026-11-21T06:29:57Z', 'cause': 'CHANGES', 'rows': 1012,
                   'rowsAdded': 12, 'rowsRemoved': 0, 'refs': ['main'],
                   'madeOf': {'ranges': [{'topic': 'levada.changes.s.t', 'start': 7, 'end': 19}], 'unnamed': 2}},
                  {'snapshotId': '123', 'committedAt': '2026-11-21T06:00:00Z', 'cause': null, 'rows': null,
                   'rowsAdded': 1000, 'rowsRemoved': 0, 'refs': [],
                   'madeOf': {'files': [{'path': 'a'}, {'path': 'b'}, {'path': 'c'}, {'path': 'd'}, {'path': 'e'}]}},
                  {'snapshotId': '122', 'committedAt': '2026-11-21T05:00:00Z', 'cause': 'MIRROR', 'rows': 0,
                   'refs': [], 'madeOf': {'tables': [{'table': 'raw.a', 'from': '1', 'to': '2'}]}},
                  {'snapshotId': '121', 'committedAt': '2026-11-21T04:00:00Z', 'cause': 'CHUNK', 'rows': 0, 'refs': [],
                   'madeOf': {'chunks': [{'first': 0, 'last': 3, 'chunks': 9, 'generation': 2}]}}]}""")).toString()).isEqualTo("""
                        SNAPSHOT  COMMITTED             CAUSE    ROWS   ADDED  REMOVED  REFS  MADE OF
                             124  2026-11-21T06:29:57Z  CHANGES  1,012     12        0  main  levada.changes.s.t [7, 19), 2 more
                             123  2026-11-21T06:00:00Z  -        -      1,000        0  -     a, b, c and 2 others
                             122  2026-11-21T05:00:00Z  MIRROR       0      0        0  -     raw.a@2
                             121  2026-11-21T04:00:00Z  CHUNK        0      0        0  -     chunks 0 to 3 of 9 of load 2
                        There are older ones: --before 121
                        """);
    }

    @Test
    void saysThatThereIsNone() {
        assertThat(new HistoryText(json("{'name': 'raw.s_t', 'snapshots': []}")).toString())
                .isEqualTo("It has no snapshot.\n");
    }
}
