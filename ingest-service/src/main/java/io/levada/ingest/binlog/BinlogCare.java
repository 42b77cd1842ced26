package io.levada.ingest.binlog;

import io.levada.ingest.capture.BinlogPosition;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.QuarantineWatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after a source while its log is read: asks how far the stream is behind and whether it has passed what was in
/// the log at start, and ends a connection over which nothing comes any more.
final class BinlogCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BinlogCare.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /// The server says several times a second that it is there. Publishing may take long: Kafka has up to two minutes.
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(3);

    private final BinlogServer server;
    private final CaptureProgress progress;
    private final BinlogPublisher publisher;
    private final BinlogReader reader;
    private final QuarantineWatch quarantine;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable BinlogPosition endAtStart;

    BinlogCare(
            BinlogServer server,
            CaptureProgress progress,
            BinlogPublisher publisher,
            BinlogReader reader,
            QuarantineWatch quarantine) {
        this.quarantine = quarantine;
        this.server = server;
        this.progress = progress;
        this.publisher = publisher;
        this.reader = reader;
        this.thread = Thread.ofVirtual().name("care-" + server.source().name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Connection connection = null;
        try {
            do {
                try {
                    if (connection == null || !connection.isValid(1)) {
                        close(connection);
                        connection = server.connect();
                    }
                    look(connection);
                } catch (SQLException e) {
                    LOG.atDebug()
                            .addKeyValue("source", server.source().name())
                            .setCause(e)
                            .log("The source can not be asked now");
                    close(connection);
                    connection = null;
                }
                if (publisher.silence().compareTo(LONGEST_SILENCE) > 0) {
                    reader.disconnect();
                }
            } while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(connection);
        }
    }

    private void look(Connection connection) throws SQLException {
        quarantine.look();
        if (endAtStart == null) {
            endAtStart = server.end(connection);
        }
        CapturePosition at = progress.position().orElse(null);
        if (at == null) {
            return;
        }
        if (progress.endOfInput().isEmpty() && !endAtStart.isAfter(at.committed())) {
            progress.endOfInput(at);
        }
        progress.behindBy(BinlogServer.bytesAfter(BinlogServer.files(connection), (BinlogPosition) at.committed()));
    }

    private void close(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.atDebug()
                    .addKeyValue("source", server.source().name())
                    .setCause(e)
                    .log("A connection was broken already");
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
