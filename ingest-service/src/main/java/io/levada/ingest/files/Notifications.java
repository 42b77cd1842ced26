package io.levada.ingest.files;

import io.levada.definition.FilePlace;
import io.levada.definition.S3Notifications;
import io.levada.ingest.Backoff;
import io.levada.ingest.IngestError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a queue tells of the objects below one prefix. It says where to look and no more: what is
/// there, S3 says, and what is taken, the ledger. So a message may come late, twice, in any order or
/// never.
///
/// A message is deleted once the watch has said that all it names is registered. One that is not
/// understood, or is about other objects, is never deleted: the queue gives it to its dead-letter queue
/// in the end.
///
/// Safe for use by several threads.
final class Notifications implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final String QUEUE = "queue";
    private static final String MESSAGE = "message";
    private static final String DELETION = "deletion";
    private static final int MOST_IN_HAND = 1_000;
    private static final int AT_A_TIME = 100;
    private static final Duration ROOM_LOOK = Duration.ofMillis(500);

    private final FilePlace.S3Prefix place;
    private final S3Notifications settings;
    private final SqsQueue queue;
    private final SourceProgress progress;
    private final StrangeMessages strange;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Notified> inHand = new LinkedHashMap<>();
    private @Nullable Thread reader;
    private volatile boolean heard;

    /// A message that is about this prefix.
    ///
    /// @param paths what it names, relative to the prefix; empty where nothing of it can be a file
    record Notified(String receipt, Set<String> paths) {
        Notified {
            paths = Set.copyOf(paths);
        }
    }

    private Notifications(
            FilePlace.S3Prefix place, S3Notifications settings, Duration hidden, SourceProgress progress) {
        this.place = place;
        this.settings = settings;
        this.queue = new SqsQueue(settings, place.settings(), hidden);
        this.progress = progress;
        this.strange = new StrangeMessages(settings.queue(), hidden.multipliedBy(2));
    }

    /// @param hidden how long a message that was received is hidden from the next look at the queue
    /// @return empty where the place has no queue
    static Optional<Notifications> of(FilePlace place, Duration hidden, SourceProgress progress) {
        return place instanceof FilePlace.S3Prefix prefix && prefix.notifications() != null
                ? Optional.of(new Notifications(prefix, prefix.notifications(), hidden, progress))
                : Optional.empty();
    }

    /// Reads the queue from now on. To be called again is harmless.
    ///
    /// The thread is virtual, since an interrupt ends its wait for the network.
    synchronized void listen() {
        if (reader == null && closed.getCount() > 0) {
            reader = Thread.ofVirtual().name("levada-queue").start(this::read);
        }
    }

    private void read() {
        Backoff backoff = new Backoff();
        boolean running = true;
        while (running) {
            try {
                if (hasRoom()) {
                    receive();
                    backoff.reset();
                    running = closed.getCount() > 0;
                } else {
                    running = !Backoff.stoppedWithin(ROOM_LOOK, closed);
                }
            } catch (PlaceTrouble e) {
                failed(e.error(), e);
                running = !Backoff.stoppedWithin(backoff.next(), closed);
            } catch (RuntimeException e) {
                failed(IngestError.FILES_RETRYING, e);
                running = !Backoff.stoppedWithin(backoff.next(), closed);
            }
        }
    }

    private synchronized boolean hasRoom() {
        return inHand.size() < MOST_IN_HAND;
    }

    private void receive() throws PlaceTrouble {
        List<SqsQueue.Received> messages = queue.receive();
        messages.forEach(this::keep);
        heard = true;
        progress.mended(QUEUE);
        strange.now()
                .ifPresentOrElse(
                        error -> progress.failed(MESSAGE, error.error(), error.detail()),
                        () -> progress.mended(MESSAGE));
        progress.notified(messages.size(), strange.count());
    }

    private void failed(IngestError code, Exception error) {
        heard = false;
        failed(QUEUE, code, error, "The queue can not be read; objects are found by listing until it can");
    }

    private void failed(String what, IngestError code, Exception error, String log) {
        if (closed.getCount() == 0) {
            return;
        }
        if (!progress.isFailed(what)) {
            LOG.atWarn()
                    .addKeyValue("queue", settings.queue())
                    .addKeyValue("errorCode", code.code())
                    .setCause(error)
                    .log(log);
        }
        progress.failed(what, code, error instanceof PlaceTrouble ? error.getMessage() : error.toString());
    }

    private void keep(SqsQueue.Received message) {
        switch (ObjectNotification.parse(message.body())) {
            case ObjectNotification.Happened(List<ObjectNotification.Named> objects) -> {
                List<String> keys = objects.stream()
                        .filter(object -> object.bucket().equals(place.bucket())
                                && object.key().startsWith(place.prefix()))
                        .map(ObjectNotification.Named::key)
                        .toList();
                if (keys.isEmpty()) {
                    strange.foreign(message.id(), place.text());
                } else {
                    keep(message, keys);
                }
            }
            case ObjectNotification.Test(String bucket) -> {
                if (bucket.equals(place.bucket())) {
                    keep(message, List.of());
                } else {
                    strange.foreign(message.id(), place.text());
                }
            }
            case ObjectNotification.NotUnderstood(String reason) -> strange.notUnderstood(message.id(), reason);
        }
    }

    private synchronized void keep(SqsQueue.Received message, List<String> keys) {
        Set<String> paths = new LinkedHashSet<>();
        for (String key : keys) {
            String path = key.substring(place.prefix().length());
            if (WatchedPrefix.canBeFile(path)) {
                paths.add(path);
            }
        }
        inHand.put(message.id(), new Notified(message.receipt(), paths));
    }

    /// Whether the queue could be read at the last attempt.
    boolean heard() {
        return heard;
    }

    Duration listEvery() {
        return settings.listEvery();
    }

    synchronized boolean waiting() {
        return !inHand.isEmpty();
    }

    /// The oldest messages in hand. One that is not [#registered] later comes from the queue again.
    synchronized List<Notified> take() {
        List<Notified> taken = new ArrayList<>();
        for (Iterator<Notified> all = inHand.values().iterator(); all.hasNext() && taken.size() < AT_A_TIME; ) {
            taken.add(all.next());
            all.remove();
        }
        return taken;
    }

    /// Deletes messages: all that they name is in the ledger, was refused, or is not there.
    void registered(List<Notified> messages) {
        if (messages.isEmpty()) {
            return;
        }
        try {
            queue.delete(messages.stream().map(Notified::receipt).toList());
            progress.mended(DELETION);
        } catch (PlaceTrouble e) {
            failed(DELETION, e.error(), e, "Messages of the queue can not be deleted, and come again");
        }
    }

    /// Ends the reading; messages in hand come from the queue again.
    @Override
    public void close() {
        closed.countDown();
        Thread reading;
        synchronized (this) {
            reading = reader;
        }
        if (reading != null) {
            reading.interrupt();
        }
        queue.close();
    }
}
