package io.levada.ingest.capture;

import java.time.Duration;
import java.util.function.Predicate;

/// How far a source's log is published, for loads that wait for it. Safe for use by several threads.
public final class StreamedPosition {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private CapturePosition streamed;

    public StreamedPosition(CapturePosition from) {
        this.streamed = from;
    }

    public synchronized void reached(CapturePosition position) {
        streamed = position;
        notifyAll();
    }

    public synchronized CapturePosition now() {
        return streamed;
    }

    /// Waits until the stream is so far.
    ///
    /// @param place for the message
    /// @return the first position seen that is
    /// @throws IllegalStateException after ten minutes
    public synchronized CapturePosition await(Predicate<LogPosition> there, String place) throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (!there.test(streamed.committed())) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw new IllegalStateException("The stream has not reached " + place);
            }
            wait(millis);
        }
        return streamed;
    }
}
