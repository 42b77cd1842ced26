package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PgSnapshotTest {
    @Test
    void seesWhatHadEndedAndNothingThatWasUnderWay() {
        PgSnapshot snapshot = PgSnapshot.of("100:110:100,105");

        assertThat(snapshot.sees(99)).isTrue();
        assertThat(snapshot.sees(100)).isFalse();
        assertThat(snapshot.sees(104)).isTrue();
        assertThat(snapshot.sees(105)).isFalse();
        assertThat(snapshot.sees(110)).isFalse();
    }

    @Test
    void knowsTheIdsOfTheLogAcrossTheirWrapAround() {
        long epoch = 3L << 32;
        PgSnapshot snapshot = PgSnapshot.of((epoch + 5) + ":" + (epoch + 7) + ":" + (epoch + 5));

        assertThat(snapshot.sees(0xFFFF_FFF0L)).as("of the epoch before").isTrue();
        assertThat(snapshot.sees(5)).isFalse();
        assertThat(snapshot.sees(6)).isTrue();
        assertThat(snapshot.sees(8)).isFalse();
    }
}
