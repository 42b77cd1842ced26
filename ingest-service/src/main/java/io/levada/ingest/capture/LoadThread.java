package io.levada.ingest.capture;

import java.sql.SQLException;
import java.time.Duration;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread on which the loads of one source run while its log is captured. What was interrupted is tried
/// again until all tables are loaded.
public final class LoadThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadThread.class);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(2);

    private final String source;
    private final Attempt attempt;
    private final Runnable onKafkaTrouble;
    private final Thread thread;
    private volatile boolean closed;

    /// Loads what waits.
    @FunctionalInterface
    public interface Attempt {
        /// @return whether nothing waits any more; else it is tried again after a moment
        boolean run() throws SQLException, InterruptedException;
    }

    /// @param onKafkaTrouble ends the capture, as what is stored of the loads must be read again then
    public LoadThread(String source, Attempt attempt, Runnable onKafkaTrouble) {
        this.source = source;
        this.attempt = attempt;
        this.onKafkaTrouble = onKafkaTrouble;
        this.thread = Thread.ofPlatform().name("load-" + source).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public boolean isClosed() {
        return closed;
    }

    private void run() {
        try {
            while (!closed && !attempt()) {
                Thread.sleep(BETWEEN_ATTEMPTS);
            }
        } catch (KafkaException e) {
            if (!closed) {
                warn("Loads can not go on", e);
                onKafkaTrouble.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean attempt() throws InterruptedException {
        try {
            return attempt.run();
        } catch (KafkaException e) {
            throw e;
        } catch (SQLException | RuntimeException e) {
            if (!closed) {
                warn("Loads were interrupted; they go on with the first step that was not offered", e);
            }
            return false;
        }
    }

    private void warn(String what, Exception e) {
        LOG.atWarn().addKeyValue("source", source).setCause(e).log(what);
    }

    /// Says that what fails from now on is no trouble.
    public void closing() {
        closed = true;
    }

    @Override
    public void close() {
        closing();
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
