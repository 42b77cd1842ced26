package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Messages of a queue that are not for its source. Each is counted and logged once, however often it
/// comes, as long as it is among the last thousand. Not safe for use by several threads.
final class StrangeMessages {
    private static final Logger LOG = LoggerFactory.getLogger(StrangeMessages.class);
    private static final int REMEMBERED = 1_000;

    private final URI queue;
    private final Duration shownFor;
    private final Map<String, Boolean> seen = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private long count;
    private @Nullable Problem last;
    private long lastNanos;

    /// @param detail for people, with what to do
    record Problem(IngestError error, String detail) {}

    /// @param shownFor how long after the last such message there is still a problem
    StrangeMessages(URI queue, Duration shownFor) {
        this.queue = queue;
        this.shownFor = shownFor;
    }

    void notUnderstood(String id, String reason) {
        came(
                id,
                new Problem(
                        IngestError.FILES_NOTIFICATION_UNKNOWN,
                        "Message " + id + " of queue " + queue + " is no notification of S3: " + reason
                                + ". It is left to the queue's dead-letter queue; see who else writes to the queue"));
    }

    void foreign(String id, String place) {
        came(
                id,
                new Problem(
                        IngestError.FILES_NOTIFICATION_FOREIGN,
                        "Message " + id + " of queue " + queue + " is not about " + place
                                + ". It is left to the queue's dead-letter queue; give the source a queue of its own,"
                                + " and the bucket's notification the source's prefix"));
    }

    private void came(String id, Problem problem) {
        last = problem;
        lastNanos = System.nanoTime();
        if (seen.put(id, true) == null) {
            count++;
            LOG.atWarn().addKeyValue("errorCode", problem.error().code()).log(problem.detail());
        }
    }

    /// How many there were.
    long count() {
        return count;
    }

    /// What is to be mended as far as the last messages tell.
    Optional<Problem> now() {
        boolean over = System.nanoTime() - lastNanos > shownFor.toNanos();
        return over ? Optional.empty() : Optional.ofNullable(last);
    }
}
