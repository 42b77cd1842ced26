package io.levada.ingest.mongo;

import com.mongodb.MongoException;
import io.levada.ingest.capture.CapturePosition;
import io.levada.ingest.capture.CaptureProgress;
import io.levada.ingest.capture.MongoPosition;
import io.levada.ingest.capture.QuarantineWatch;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after a source while its stream is read: whether it has passed what was in the log at start, and whether too
/// much goes to quarantine.
final class MongoCare implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MongoCare.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final String source;
    private final MongoServer server;
    private final CaptureProgress progress;
    private final QuarantineWatch quarantine;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable MongoPosition endAtStart;

    MongoCare(String source, MongoServer server, CaptureProgress progress, QuarantineWatch quarantine) {
        this.source = source;
        this.server = server;
        this.progress = progress;
        this.quarantine = quarantine;
        this.thread = Thread.ofVirtual().name("care-" + source).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            do {
                try {
                    look();
                } catch (MongoException e) {
                    LOG.atDebug().addKeyValue("source", source).setCause(e).log("The source can not be asked now");
                }
            } while (!closed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        quarantine.look();
        MongoPosition end = endAtStart;
        if (end == null) {
            end = server.end();
            endAtStart = end;
        }
        CapturePosition at = progress.position().orElse(null);
        if (at != null && progress.endOfInput().isEmpty() && ((MongoPosition) at.committed()).holds(end.time())) {
            progress.endOfInput(at);
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
