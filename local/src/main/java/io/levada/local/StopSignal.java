package io.levada.local;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Ctrl-C or a termination signal. The JVM does not end before this is closed, so the resource that is opened first and
/// closed last lets everything opened after it close in order.
final class StopSignal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private StopSignal() {}

    static StopSignal install() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("levada-stop").unstarted(signal::awaitClosed));
        return signal;
    }

    private void awaitClosed() {
        requested.countDown();
        try {
            closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Counted down when the user wants to stop.
    CountDownLatch requested() {
        return requested;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
