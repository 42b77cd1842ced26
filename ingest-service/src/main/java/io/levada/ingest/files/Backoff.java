package io.levada.ingest.files;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Waits between attempts, longer each time, cut short when the work is stopped. Not safe for use by several threads.
final class Backoff {
    private static final long FIRST_MILLIS = 250;
    private static final long LONGEST_MILLIS = 10_000;

    private final CountDownLatch stopped;
    private int attempts;

    Backoff(CountDownLatch stopped) {
        this.stopped = stopped;
    }

    void reset() {
        attempts = 0;
    }

    /// Waits after a failure, with jitter.
    ///
    /// @return false where the work was stopped
    boolean afterFailure() {
        long millis = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(attempts, 10));
        attempts++;
        return pause(Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1)));
    }

    /// @return false where the work was stopped
    boolean pause(Duration duration) {
        try {
            return !stopped.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
