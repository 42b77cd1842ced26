package io.levada.warehouse.load;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Sweeps the loads at start, on every hint, and every interval without one.
final class LoadLoop implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(LoadLoop.class);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Loads loads;
    private final Duration interval;
    private final Semaphore hints = new Semaphore(1);
    private volatile boolean running;
    private @Nullable Thread thread;

    LoadLoop(Loads loads, Duration interval) {
        this.loads = loads;
        this.interval = interval;
    }

    /// Something may have changed in the lake.
    void hint() {
        hints.release();
    }

    @Override
    public synchronized void start() {
        running = true;
        thread = Thread.ofPlatform().name("levada-warehouse-loads").daemon().start(this::run);
    }

    private void run() {
        while (running) {
            try {
                boolean _ = hints.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS);
                hints.drainPermits();
                if (running) {
                    loads.sweep();
                }
            } catch (InterruptedException _) {
                return;
            } catch (Exception e) {
                log.atWarn().setCause(e).log("Loads could not be looked at; they are after the interval");
            }
        }
    }

    /// A load that runs goes on to its end.
    @Override
    public synchronized void stop() {
        running = false;
        hints.release();
        if (thread != null) {
            try {
                boolean ended = thread.join(STOP);
                if (!ended) {
                    log.atWarn().log("A load still runs at shutdown; its transaction is given up");
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            thread = null;
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
