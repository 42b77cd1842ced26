package io.levada.ingest.capture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Orders on their way to the one thread that carries them out. Safe for use by several threads.
public final class SourceOrders {
    private final Deque<Pending> pending = new ArrayDeque<>();
    private @Nullable SourceProblem refusal;
    private boolean closed;
    private volatile boolean calling;

    /// @param answer completed with what was done, or with the [SourceProblem] that forbids it
    record Pending(SourceOrder order, CompletableFuture<String> answer) {}

    public synchronized CompletableFuture<String> submit(SourceOrder order) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        if (refusal != null) {
            answer.completeExceptionally(refusal);
        } else if (closed) {
            answer.cancel(false);
        } else {
            pending.add(new Pending(order, answer));
            calling = true;
            notifyAll();
        }
        return answer;
    }

    synchronized boolean waiting() {
        return !pending.isEmpty();
    }

    /// Whether what reads the log is to stop: an order waits, or no more are taken. Asked for every message, so without
    /// a lock.
    public boolean calling() {
        return calling;
    }

    synchronized Optional<Pending> next() {
        Pending next = pending.poll();
        calling = closed || !pending.isEmpty();
        return Optional.ofNullable(next);
    }

    /// Returns once an order waits, no more are taken, or the time has passed.
    public synchronized void await(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        long left = longest.toNanos();
        while (pending.isEmpty() && !closed && left > 0) {
            wait(Math.max(1, left / 1_000_000));
            left = deadline - System.nanoTime();
        }
    }

    /// Refuses what waits and what comes later.
    synchronized void refuse(SourceProblem problem) {
        refusal = problem;
        pending.forEach(waiting -> waiting.answer().completeExceptionally(problem));
        pending.clear();
    }

    synchronized void close() {
        closed = true;
        calling = true;
        pending.forEach(waiting -> waiting.answer().cancel(false));
        pending.clear();
        notifyAll();
    }
}
