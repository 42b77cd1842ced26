package io.levada.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// Waits for a condition by looking again and again.
final class Poll {
    private static final Duration BOUND = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Poll() {}

    /// Looks every 20 ms.
    ///
    /// @return when the condition was first seen to hold, as `System.nanoTime()`
    static long until(String what, Callable<Boolean> condition) throws Exception {
        return until(what, PAUSE, condition);
    }

    /// @param pause between two looks, which are answered by the process that is measured
    /// @return when the condition was first seen to hold, as `System.nanoTime()`
    static long until(String what, Duration pause, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + BOUND.toNanos();
        while (System.nanoTime() < end) {
            if (condition.call()) {
                return System.nanoTime();
            }
            LockSupport.parkNanos(pause.toNanos());
        }
        throw new IllegalStateException("Not within " + BOUND + ": " + what);
    }

    static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
