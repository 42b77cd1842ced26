package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.PublishedPosition;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapturePositionTest {
    private static final String TOPIC = "levada.changes.s.t";
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SECOND = Instant.parse("2026-01-01T00:00:01Z");

    private final CapturePosition.Cursor cursor = new CapturePosition.Cursor(CapturePosition.startingAt(0x10));

    @Test
    void publishesNothingOfATransactionBeforeItIsWhole() {
        cursor.advance(TOPIC, 1L, FIRST);
        cursor.ended(TOPIC, 1);

        PublishedPosition position = cursor.position().published("s");

        assertThat(position.position()).isEqualTo("0/10");
        assertThat(position.commitTime()).isNull();
        assertThat(position.ends()).isEqualTo(Map.of(TOPIC, 1L));
    }

    @Test
    void publishesTheEndAndTheTimeOfTheLastWholeTransaction() {
        cursor.advance(TOPIC, 1L, FIRST);
        cursor.committedUpTo(0x20);
        cursor.advance(TOPIC, 2L, SECOND);

        PublishedPosition position =
                new CapturePosition.Cursor(cursor.position()).position().published("s");

        assertThat(position.position()).isEqualTo("0/20");
        assertThat(position.commitTime()).isEqualTo(FIRST);
    }

    @Test
    void orderedPositionsFollowTheLog() {
        PublishedPosition before = cursor.position().published("s");
        cursor.committedUpTo(0x1_0000_0000L);
        PublishedPosition after = cursor.position().published("s");

        assertThat(after.position()).isEqualTo("1/0");
        assertThat(before.table()).isLessThan(after.table());
    }
}
