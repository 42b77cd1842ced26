package io.levada.catalog.commit;

import java.time.Duration;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/// Waits that double up to a limit, with jitter. Not safe for use by several threads.
final class Backoff {
    private final ExponentialBackOff waits;
    private BackOffExecution next;

    Backoff(Duration first, Duration limit) {
        waits = new ExponentialBackOff(first.toMillis(), 2);
        waits.setMaxInterval(limit.toMillis());
        waits.setJitter(first.toMillis() / 4);
        next = waits.start();
    }

    Duration next() {
        return Duration.ofMillis(next.nextBackOff());
    }

    void reset() {
        next = waits.start();
    }
}
