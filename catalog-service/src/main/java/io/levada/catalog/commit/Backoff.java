package io.levada.catalog.commit;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Waits that double up to a limit, each shortened by chance by up to a quarter. Not safe for use by several threads.
final class Backoff {
    private final Duration first;
    private final Duration limit;
    private Duration next;

    Backoff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
        this.next = first;
    }

    Duration next() {
        Duration wait = next;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(limit) > 0 ? limit : doubled;
        return Duration.ofNanos(
                (long) (wait.toNanos() * (1 - ThreadLocalRandom.current().nextDouble() / 4)));
    }

    void reset() {
        next = first;
    }
}
