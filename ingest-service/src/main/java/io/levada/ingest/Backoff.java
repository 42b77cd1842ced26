package io.levada.ingest;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/// The pauses after failures: each twice as long as the one before, up to [#LONGEST] and with jitter; short again after
/// progress. Not safe for use by several threads.
public final class Backoff {
    public static final Duration LONGEST = Duration.ofSeconds(15);

    private static final Duration FIRST = Duration.ofMillis(500);

    private final ExponentialBackOff pauses = new ExponentialBackOff(FIRST.toMillis(), 2);
    private BackOffExecution next;

    public Backoff() {
        pauses.setMaxInterval(LONGEST.toMillis());
        pauses.setJitter(FIRST.toMillis() / 4);
        next = pauses.start();
    }

    /// How long to pause after a failure.
    public Duration next() {
        return Duration.ofMillis(next.nextBackOff());
    }

    /// Says that there was progress.
    public void reset() {
        next = pauses.start();
    }

    /// Pauses.
    ///
    /// @param stopped ends the pause
    /// @return whether the work is stopped; also where the thread was interrupted
    public static boolean stoppedWithin(Duration pause, CountDownLatch stopped) {
        try {
            return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
