package io.levada.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Waits for a condition, looking every 20 ms.
final class Poll {
    private static final Duration BOUND = Duration.ofMinutes(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Poll() {}

    /// @return when the condition was first seen to hold, as `System.nanoTime()`
    static long until(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + BOUND.toNanos();
        while (System.nanoTime() < end) {
            if (condition.call()) {
                return System.nanoTime();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IllegalStateException("Not within " + BOUND + ": " + what);
    }

    static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
