package io.levada.local;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Waits until all that was in the sources at start has passed every stage.
final class OnceRun {
    /// A source that is away may come back; nobody waits for it for ever.
    private static final Duration RETRIES = Duration.ofSeconds(60);
    /// A stop shown once may be the trace of a retry.
    private static final Duration STOPS = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(300);

    private final Supplier<PipelineStatus> question;
    private final Progress progress;
    private final CountDownLatch interrupted;

    /// @param interrupted counted down when the user wants to stop
    OnceRun(Supplier<PipelineStatus> question, Progress progress, CountDownLatch interrupted) {
        this.question = question;
        this.progress = progress;
        this.interrupted = interrupted;
    }

    /// @return the status that shows everything passed
    /// @throws LocalException with what failed, where something can not pass
    PipelineStatus await() throws InterruptedException {
        Lasting stops = new Lasting(STOPS);
        Lasting retries = new Lasting(RETRIES);
        Lasting failures = new Lasting(STOPS);
        do {
            PipelineStatus status = question.get();
            progress.show(status);
            if (status.inputCommitted()
                    && status.curated()
                    && status.loaded()
                    && status.stops().isEmpty()) {
                return status;
            }
            stops.observe(status.stops());
            retries.observe(status.retries());
            failures.observe(status.inputCommitted() ? status.failures() : List.of());
        } while (!interrupted.await(POLL.toMillis(), TimeUnit.MILLISECONDS));
        throw new LocalException(
                LocalError.ONCE_FAILED,
                "Stopped before everything had passed",
                "Run the command again: it goes on where it stopped");
    }

    /// Trouble that ends the run when it lasts.
    private static final class Lasting {
        private final Duration bound;
        private long since;

        Lasting(Duration bound) {
            this.bound = bound;
            this.since = System.nanoTime();
        }

        void observe(List<String> troubles) {
            long now = System.nanoTime();
            if (troubles.isEmpty()) {
                since = now;
            } else if (now - since > bound.toNanos()) {
                throw new LocalException(
                        LocalError.ONCE_FAILED,
                        "Not everything has passed: " + String.join("; ", troubles),
                        "Mend it and run the command again: it goes on where it stopped");
            }
        }
    }
}
