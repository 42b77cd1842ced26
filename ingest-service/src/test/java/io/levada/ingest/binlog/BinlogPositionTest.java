package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.Lsn;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class BinlogPositionTest {
    @Test
    void isReadBackAsItWasStored() {
        CapturePosition stored = CapturePosition.startingAt(new BinlogPosition("log.bin.000003", 1234, "0-1-5,1-1-7"));

        CapturePosition read =
                JsonMapper.shared().readValue(JsonMapper.shared().writeValueAsBytes(stored), CapturePosition.class);

        assertThat(read).isEqualTo(stored);
        assertThat(LogPosition.of("0/16B3748")).isEqualTo(Lsn.of("0/16B3748"));
    }

    @Test
    void followsTheLogAcrossFiles() {
        BinlogPosition earlier = new BinlogPosition("binlog.999999", 5_000_000_000L, "");
        BinlogPosition later = new BinlogPosition("binlog.1000000", 4, "");

        assertThat(later.isAfter(earlier)).isTrue();
        assertThat(earlier.isAfter(later)).isFalse();
        assertThat(earlier.order()).isLessThan(later.order()).hasSize(20);
    }

    @Test
    void historyKeepsTheLastIdOfEachDomain() {
        BinlogHistory history = new BinlogHistory("1-1-7,0-1-5");
        history.begun(0, "0-2-6");
        String open = history.text();
        history.completed();

        assertThat(open).isEqualTo("0-1-5,1-1-7");
        assertThat(history.text()).isEqualTo("0-2-6,1-1-7");
        assertThat(BinlogHistory.same("1-1-7,0-1-5", "0-1-5,1-1-7")).isTrue();
        assertThat(BinlogHistory.same("0-1-5", "0-1-4")).isFalse();
        assertThat(BinlogHistory.same("", "0-1-4")).isFalse();
    }
}
