package io.levada.ingest.postgres;

import io.levada.ingest.capture.CapturePosition;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Finds the place of a database snapshot in the stream of changes: the last change that it sees.
///
/// The stream has transactions in the order of their commits, and the snapshot that comes with a new replication
/// slot sees exactly those before one point. So its place is before the first change of a transaction that it
/// does not see, and at the latest before a message that was written after it. Asked from the load's thread,
/// answered from that of the stream, after the changes up to the place are committed.
final class SnapshotPlaces {
    /// @param snapshot null where only the message is waited for
    /// @param lsn the slot's point: the snapshot sees no transaction that ended after it
    private record Search(
            @Nullable PgSnapshot snapshot, long lsn, String message, CompletableFuture<Optional<Place>> place) {}

    /// @param pos `_pos` of the last change that the snapshot sees
    /// @param ends by topic, an offset that is not before what follows that change
    record Place(String pos, Map<String, Long> ends) {
        Place {
            ends = Map.copyOf(ends);
        }
    }

    private volatile @Nullable Search asked;
    private @Nullable Search followed;
    private @Nullable String found;

    /// Finds the place of a snapshot. The caller writes the message into the log afterwards.
    ///
    /// @return empty where the stream was past the place already: take another snapshot
    CompletableFuture<Optional<Place>> find(PgSnapshot snapshot, long lsn, String message) {
        return ask(new Search(snapshot, lsn, message, new CompletableFuture<>()));
    }

    /// Is completed when the stream has passed a message that the caller writes afterwards.
    CompletableFuture<Optional<Place>> passed(String message) {
        return ask(new Search(null, 0, message, new CompletableFuture<>()));
    }

    private CompletableFuture<Optional<Place>> ask(Search search) {
        asked = search;
        return search.place();
    }

    /// Called before each message of the stream.
    void look(CapturePosition.Cursor at) {
        Search search = asked;
        if (search == followed || search == null) {
            return;
        }
        followed = search;
        found = null;
        PgSnapshot snapshot = search.snapshot();
        if (snapshot == null) {
            return;
        }
        String transaction = at.transaction();
        boolean past = transaction == null
                ? Long.compareUnsigned(at.commitLsn(), search.lsn()) > 0
                : !snapshot.sees(Long.parseLong(transaction));
        if (past) {
            search.place().complete(Optional.empty());
        }
    }

    /// Called before each change.
    void change(String transaction, CapturePosition.Cursor before) {
        Search search = followed;
        if (search != null && found == null) {
            PgSnapshot snapshot = search.snapshot();
            if (snapshot != null && !snapshot.sees(Long.parseLong(transaction))) {
                found = before.pos();
            }
        }
    }

    void message(String content, CapturePosition.Cursor before) {
        Search search = followed;
        if (search != null && found == null && search.message().equals(content)) {
            found = before.pos();
        }
    }

    /// Called when a batch is committed.
    void batchCommitted(CapturePosition position) {
        Search search = followed;
        if (search != null && found != null) {
            search.place().complete(Optional.of(new Place(found, position.ends())));
        }
    }
}
