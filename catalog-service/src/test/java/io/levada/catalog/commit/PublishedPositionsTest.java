package io.levada.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.PublishedPosition;
import io.levada.events.TablePosition;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PublishedPositionsTest {
    private static final String BUSY = "levada.changes.s.busy";
    private static final String IDLE = "levada.changes.s.idle";

    private final PublishedPositions positions = new PublishedPositions();

    private void published(long at, Map<String, Long> ends) {
        positions.published(new PublishedPosition(
                "s", "%020d".formatted(at), "0/" + at, Instant.ofEpochSecond(at), ends, Set.of()));
    }

    private String reached(String topic, long end) {
        return positions.reached("s", topic, end).map(TablePosition::position).orElse("none");
    }

    @Test
    void aTableIsCompleteToTheNewestPositionWhoseEndItHasReached() {
        published(10, Map.of(BUSY, 5L));
        published(20, Map.of(BUSY, 5L));
        published(30, Map.of(BUSY, 9L));

        assertThat(reached(BUSY, 4)).isEqualTo("none");
        assertThat(reached(BUSY, 5)).isEqualTo("0/20");
        assertThat(reached(BUSY, 8)).isEqualTo("0/20");
        assertThat(reached(BUSY, 9)).isEqualTo("0/30");
        assertThat(reached(BUSY, 100)).isEqualTo("0/30");
    }

    @Test
    void aTableWithoutChangesGoesOnWithItsSource() {
        published(10, Map.of(BUSY, 5L, IDLE, 2L));
        published(20, Map.of(BUSY, 7L, IDLE, 2L));

        assertThat(reached(IDLE, 2)).isEqualTo("0/20");
        assertThat(reached("levada.changes.s.empty", 0)).isEqualTo("0/20");
    }

    @Test
    void aTableThatHoldsNothingIsCompleteUntilItsFirstChange() {
        published(10, Map.of(BUSY, 5L));
        published(20, Map.of(BUSY, 7L, IDLE, 2L));

        assertThat(reached(IDLE, 0)).isEqualTo("0/10");
        assertThat(reached(IDLE, 2)).isEqualTo("0/20");
    }

    @Test
    void saysNothingOfASourceThatPublishedNothing() {
        assertThat(positions.reached("other", BUSY, 5)).isEmpty();
    }

    @Test
    void keepsABoundedNumberAndNeverTellsALaterPositionThanIsTrue() {
        LongStream.rangeClosed(1, 100_000).forEach(at -> published(at, Map.of(BUSY, at)));

        assertThat(positions.kept("s", BUSY)).isLessThanOrEqualTo(PublishedPositions.KEPT_PER_TOPIC);
        assertThat(reached(BUSY, 100_000)).isEqualTo("0/100000");
        LongStream.of(1, 17, 4_711, 50_000, 99_999)
                .forEach(end -> assertThat(positions.reached("s", BUSY, end))
                        .get()
                        .extracting(position -> Long.parseLong(position.order()))
                        .satisfies(at -> assertThat(at).isLessThanOrEqualTo(end)));
    }
}
