package io.levada.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/// Waits for a condition with a bound.
public final class Eventually {
    /// How long a test waits for what must come: what the slowest machine may take. Only a test that fails waits so
    /// long.
    public static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final long POLL_MILLIS = 50;

    private Eventually() {}

    /// An assertion, which may throw anything.
    @FunctionalInterface
    public interface Assertion {
        void check() throws Exception;
    }

    /// Repeats `assertion` until it passes.
    ///
    /// @throws AssertionError with the last failure as its cause, when it did not pass within `bound`
    public static void within(Duration bound, Assertion assertion) {
        within(
                bound,
                () -> {
                    assertion.check();
                    return true;
                },
                passed -> passed);
    }

    /// Asks until the answer is the awaited one.
    ///
    /// @return that answer
    /// @throws AssertionError with the last answer or failure, when none was right within `bound`
    public static <T> T within(Duration bound, Callable<T> question, Predicate<? super T> awaited) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            Throwable failure = null;
            String answer = "no answer";
            try {
                T value = question.call();
                if (awaited.test(value)) {
                    return value;
                }
                answer = String.valueOf(value);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted while waiting", e);
            } catch (Exception | AssertionError e) {
                failure = e;
            }
            if (System.nanoTime() >= deadline) {
                throw new AssertionError(
                        "Not within " + bound + ": " + (failure == null ? answer : failure.toString()), failure);
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting", e);
        }
    }
}
