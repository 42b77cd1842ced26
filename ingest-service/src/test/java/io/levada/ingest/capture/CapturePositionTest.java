package io.levada.ingest.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.PublishedPosition;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Guards the counting of changes on resumption: the branch of [CapturePosition.Cursor#advance] that drops what the
/// predecessor published of a transaction that was cut off (ADR 3).
class CapturePositionTest {
    private static final long TRANSACTION = 77;
    private static final String TOPIC = "levada.changes.s.t";
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant SECOND = Instant.parse("2026-01-01T00:00:01Z");

    private final CapturePosition.Cursor cursor = new CapturePosition.Cursor(CapturePosition.startingAt(0x10));

    @Test
    void dropsAsManyChangesOfACutOffTransactionAsWerePublished() {
        CapturePosition.Cursor first = new CapturePosition.Cursor(CapturePosition.startingAt(100));
        publish(first, "a", TRANSACTION, 3);

        CapturePosition.Cursor successor = new CapturePosition.Cursor(first.position());

        assertThat(publish(successor, "a", TRANSACTION, 5)).isEqualTo(2);
        assertThat(successor.position().sequence()).isEqualTo(5);
        assertThat(successor.position().published()).isEqualTo(Map.of("a", 5L));
    }

    @Test
    void goesOnCountingWhenTheSuccessorIsCutOffAsWell() {
        CapturePosition.Cursor first = new CapturePosition.Cursor(CapturePosition.startingAt(100));
        publish(first, "a", TRANSACTION, 3);
        CapturePosition.Cursor second = new CapturePosition.Cursor(first.position());
        publish(second, "a", TRANSACTION, 5);

        CapturePosition.Cursor third = new CapturePosition.Cursor(second.position());

        assertThat(publish(third, "a", TRANSACTION, 6)).isEqualTo(1);
    }

    @Test
    void countsTheChangesOfEachTopicByThemselves() {
        CapturePosition.Cursor first = new CapturePosition.Cursor(CapturePosition.startingAt(100));
        publish(first, "a", TRANSACTION, 1);
        publish(first, "b", TRANSACTION, 2);

        CapturePosition.Cursor successor = new CapturePosition.Cursor(first.position());

        assertThat(publish(successor, "b", TRANSACTION, 3)).isEqualTo(1);
        assertThat(publish(successor, "a", TRANSACTION, 3)).isEqualTo(2);
    }

    @Test
    void dropsNothingOfATransactionAfterOneThatIsPublishedWhole() {
        CapturePosition.Cursor first = new CapturePosition.Cursor(CapturePosition.startingAt(100));
        publish(first, "a", TRANSACTION, 3);
        first.committedUpTo(new Lsn(200));

        CapturePosition.Cursor successor = new CapturePosition.Cursor(first.position());

        assertThat(publish(successor, "a", TRANSACTION, 3)).isEqualTo(3);
        assertThat(publish(successor, "a", TRANSACTION + 1, 2)).isEqualTo(2);
    }

    @Test
    void publishesNothingOfATransactionBeforeItIsWhole() {
        cursor.advance(TOPIC, "1", FIRST);
        cursor.ended(TOPIC, 1);

        PublishedPosition position = cursor.position().published("s");

        assertThat(position.position()).isEqualTo("0/10");
        assertThat(position.commitTime()).isNull();
        assertThat(position.ends()).isEqualTo(Map.of(TOPIC, 1L));
    }

    @Test
    void publishesTheEndAndTheTimeOfTheLastWholeTransaction() {
        cursor.advance(TOPIC, "1", FIRST);
        cursor.committedUpTo(new Lsn(0x20));
        cursor.advance(TOPIC, "2", SECOND);

        PublishedPosition position =
                new CapturePosition.Cursor(cursor.position()).position().published("s");

        assertThat(position.position()).isEqualTo("0/20");
        assertThat(position.commitTime()).isEqualTo(FIRST);
    }

    @Test
    void orderedPositionsFollowTheLog() {
        PublishedPosition before = cursor.position().published("s");
        cursor.committedUpTo(new Lsn(0x1_0000_0000L));
        PublishedPosition after = cursor.position().published("s");

        assertThat(after.position()).isEqualTo("1/0");
        assertThat(before.table()).isLessThan(after.table());
    }

    private static long publish(CapturePosition.Cursor cursor, String topic, long transaction, int changes) {
        long published = 0;
        for (int i = 0; i < changes; i++) {
            published += cursor.advance(topic, Long.toString(transaction), null) ? 1 : 0;
        }
        return published;
    }
}
