package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.capture.CapturePosition;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SnapshotPlacesTest {
    private static final String TOPIC = "t";

    private final SnapshotPlaces places = new SnapshotPlaces();
    private final CapturePosition.Cursor stream = new CapturePosition.Cursor(CapturePosition.startingAt(1));

    @Test
    void aPlaceIsBeforeTheFirstChangeOfATransactionThatTheSnapshotDoesNotSee() {
        CompletableFuture<Optional<SnapshotPlaces.Place>> place = places.find(PgSnapshot.of("8:10:8"), 50, "after");
        change("7");
        change("9");
        String seen = stream.pos();
        change("8");
        assertThat(place).as("before the commit of the changes up to it").isNotDone();

        places.batchCommitted(stream.position());

        assertThat(place.join()).map(SnapshotPlaces.Place::pos).hasValue(seen);
    }

    @Test
    void whereNoChangeFollowsTheMessageEndsTheSearch() {
        CompletableFuture<Optional<SnapshotPlaces.Place>> place = places.find(PgSnapshot.of("10:10:"), 50, "after");
        change("9");
        places.look(stream);
        places.message("of another search", stream);
        places.message("after", stream);
        places.batchCommitted(stream.position());

        assertThat(place.join()).map(SnapshotPlaces.Place::pos).hasValue(stream.pos());
    }

    @Test
    void aStreamThatIsPastThePlaceWantsAnotherSnapshot() {
        change("10");
        CompletableFuture<Optional<SnapshotPlaces.Place>> place = places.find(PgSnapshot.of("10:10:"), 50, "after");

        places.look(stream);

        assertThat(place.join()).isEmpty();
    }

    private void change(String transaction) {
        places.look(stream);
        places.change(transaction, stream);
        stream.advance(TOPIC, transaction, Instant.EPOCH);
    }
}
