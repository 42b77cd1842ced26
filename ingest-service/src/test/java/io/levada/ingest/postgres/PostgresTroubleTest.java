package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostgresTroubleTest {
    private static final long GIGABYTE = 1L << 30;

    @Test
    void letsALoadGoOnWhileTheSourceKeepsPace() {
        assertThat(PostgresTrouble.reason(4 * GIGABYTE, 60)).isEmpty();
    }

    @Test
    void holdsALoadUpWhileTheStreamOrAReplicaIsFarBehind() {
        assertThat(PostgresTrouble.reason(5 * GIGABYTE, 0))
                .hasValue("Waiting for the stream: the source retains 5120 MB of log");
        assertThat(PostgresTrouble.reason(0, 61)).hasValue("Waiting for a replica of the source, which is 61 s behind");
    }
}
