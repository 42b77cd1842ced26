package io.levada.ingest.capture;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Has several threads read the steps of loads.
public final class LoadReaders {
    private LoadReaders() {}

    /// What each of the threads does: reads step after step, over a connection of its own, until there are no
    /// more.
    @FunctionalInterface
    public interface Reader {
        void read() throws SQLException, InterruptedException;
    }

    /// Returns when all of them are done.
    ///
    /// @throws InterruptedException when the caller is interrupted, and then the readers are too
    public static void run(String source, int readers, Reader reader) throws SQLException, InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(
                readers, Thread.ofPlatform().name("load-" + source + "-", 0).factory())) {
            List<Future<?>> reading = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                reading.add(threads.submit(() -> {
                    reader.read();
                    return null;
                }));
            }
            try {
                for (Future<?> each : reading) {
                    each.get();
                }
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("The loads of source " + source + " were stopped", e.getCause());
        }
    }
}
