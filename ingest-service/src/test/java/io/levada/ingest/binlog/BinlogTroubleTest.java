package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BinlogTroubleTest {
    private static final long MEGABYTE = 1L << 20;

    @Test
    void isNoneWhileTheSourceKeepsPace() {
        assertThat(BinlogTrouble.reason(256 * MEGABYTE, 60)).isEmpty();
    }

    @Test
    void isAStreamOrAServerThatIsFarBehind() {
        assertThat(BinlogTrouble.reason(257 * MEGABYTE, 0))
                .hasValue("Waiting for the stream, which is 257 MB of log behind");
        assertThat(BinlogTrouble.reason(0, 61))
                .hasValue("Waiting for the source's server, a replica that is 61 s behind");
    }
}
