package io.levada.ingest.postgres;

import io.levada.definition.PostgresSource;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.SlotHealth;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after a source while it streams: asks how far the stream is behind, writes the end-of-input marker once, and
/// writes a message into the log of an idle database, so that its slot moves on and old log can go.
public final class PostgresCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCare.class);
    private static final int LOOKS_BETWEEN_HEARTBEATS = 10;
    private static final int LOOKS_BETWEEN_SLOTS = 5;

    private final PostgresSource source;
    private final PostgresServer server;
    private final CaptureProgress progress;
    private final String marker;
    private final Duration interval;
    private final List<Watch> watches;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private boolean marked;

    /// Looks at the source, once for each look of the care.
    interface Watch {
        void look(Connection connection, int looks) throws SQLException;
    }

    PostgresCare(
            PostgresSource source,
            PostgresServer server,
            CaptureProgress progress,
            String marker,
            Duration interval,
            List<Watch> watches) {
        this.source = source;
        this.server = server;
        this.progress = progress;
        this.marker = marker;
        this.interval = interval;
        this.watches = List.copyOf(watches);
        this.marked = progress.endOfInput().isPresent();
        this.thread = Thread.ofVirtual().name("care-" + source.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Connection connection = null;
        int looks = 0;
        try {
            do {
                try {
                    if (connection == null || !connection.isValid(1)) {
                        close(connection);
                        connection = server.connect();
                    }
                    look(connection, looks++);
                } catch (SQLException e) {
                    LOG.atDebug()
                            .addKeyValue("source", source.name())
                            .setCause(e)
                            .log("The source can not be asked now");
                    close(connection);
                    connection = null;
                }
            } while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(connection);
        }
    }

    private void look(Connection connection, int looks) throws SQLException {
        if (!marked) {
            server.emitMessage(connection, PostgresLog.MESSAGE_PREFIX, marker);
            marked = true;
        } else if (looks % LOOKS_BETWEEN_HEARTBEATS == 0) {
            server.emitMessage(connection, PostgresLog.MESSAGE_PREFIX, "heartbeat");
        }
        for (Watch watch : watches) {
            watch.look(connection, looks);
        }
        long end = server.currentLsn(connection);
        progress.position().ifPresent(at -> progress.behindBy(end - at.commitLsn()));
        if (looks % LOOKS_BETWEEN_SLOTS == 0) {
            progress.slot(SlotHealth.of(connection, server.slot()).orElse(null));
        }
    }

    private void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.atDebug().addKeyValue("source", source.name()).setCause(e).log("A connection was broken already");
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
