package io.levada.ingest.binlog;

import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/// Says where places of the binary log are among the changes: which one is the last before a place.
///
/// The stream tells the end of each transaction that it passes, and the newest of them are kept. A snapshot
/// stands between two transactions, so its place is that of the last end before it, once the stream has come
/// as far. Safe for use by several threads.
final class BinlogPlaces {
    private static final int KEPT = 8_192;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Deque<Passed> newestFirst = new ArrayDeque<>();

    /// @param pos of the last change before the end
    private record Passed(BinlogPosition end, String pos) {}

    BinlogPlaces(CapturePosition from) {
        // Where a transaction is published in part, the position counts changes that stand behind its place.
        if (from.transaction() == null) {
            newestFirst.push(new Passed((BinlogPosition) from.committed(), from.pos()));
        }
    }

    /// Notes that everything up to an end was seen.
    ///
    /// @param pos of the last change before it
    synchronized void passed(BinlogPosition end, String pos) {
        Passed newest = newestFirst.peekFirst();
        if (newest != null && !end.isAfter(newest.end())) {
            return;
        }
        newestFirst.push(new Passed(end, pos));
        if (newestFirst.size() > KEPT) {
            newestFirst.removeLast();
        }
        notifyAll();
    }

    /// Whether a place is not before all that is kept, so that it will be known.
    synchronized boolean reach(BinlogPosition place) {
        Passed oldest = newestFirst.peekLast();
        return oldest != null && !oldest.end().isAfter(place);
    }

    /// Waits until the stream has passed a place.
    ///
    /// @return the `_pos` of the last change before it
    /// @throws IllegalStateException where it is not known any more, or not after ten minutes
    synchronized String await(BinlogPosition place) throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (newestFirst.isEmpty() || place.isAfter(newestFirst.getFirst().end())) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw new IllegalStateException("The stream has not reached " + place.text());
            }
            wait(millis);
        }
        Iterator<Passed> passed = newestFirst.iterator();
        while (passed.hasNext()) {
            Passed each = passed.next();
            if (!each.end().isAfter(place)) {
                return each.pos();
            }
        }
        throw new IllegalStateException("The stream was past " + place.text() + " before its place was asked for");
    }
}
