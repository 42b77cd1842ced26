package io.levada.local.demo;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes a database of the demo, a little all the time, and tries again where it does not answer.
final class DemoWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DemoWriter.class);
    private static final Duration RECONNECT = Duration.ofSeconds(2);

    /// What a database's users do, over a connection of its own.
    interface Changes extends AutoCloseable {
        /// Makes one more change.
        void next() throws SQLException;

        @Override
        void close() throws SQLException;
    }

    /// Opens a connection to the database and goes on from the rows that are there.
    @FunctionalInterface
    interface Connector {
        Changes connect() throws SQLException;
    }

    private final Duration pause;
    private final Connector connector;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private DemoWriter(String database, Duration pause, Connector connector) {
        this.pause = pause;
        this.connector = connector;
        this.thread = Thread.ofVirtual().name("demo-writer-" + database).unstarted(this::run);
    }

    /// @param pause between two changes
    static DemoWriter start(String database, Duration pause, Connector connector) {
        DemoWriter writer = new DemoWriter(database, pause, connector);
        writer.thread.start();
        return writer;
    }

    private void run() {
        try {
            boolean stop = false;
            while (!stop) {
                stop = write();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether it was closed
    private boolean write() throws InterruptedException {
        try (Changes changes = connector.connect()) {
            while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                changes.next();
            }
            return true;
        } catch (SQLException e) {
            log.atWarn().setCause(e).log("A database of the demo does not answer; trying again");
            return closed.await(RECONNECT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
