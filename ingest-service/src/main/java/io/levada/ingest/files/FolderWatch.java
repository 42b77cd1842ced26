package io.levada.ingest.files;

import io.levada.definition.FileSource;
import io.levada.ingest.Backoff;
import io.levada.ingest.IngestError;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the place of one source, and has its complete files taken in.
///
/// Every file is found by listing, at the latest. Where the place has a queue that tells of objects, those
/// are looked at when it does, and listings become rare as long as the queue can be read and every file is
/// settled.
final class FolderWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);
    private static final String PLACE = "place";
    private static final Duration ORDERS_LOOK = Duration.ofMillis(500);
    private static final String ROUND = "round";

    private final FileSource source;
    private final WatchedPlace place;
    private final FileSettings settings;
    private final Spool spool;
    private final FileIntake intake;
    private final @Nullable Notifications notifications;
    private final SourceProgress progress;
    private final CountDownLatch stopped;
    private final Backoff backoff = new Backoff();
    private final ReplayOrders orders;
    private final FolderStop stop;

    private @Nullable FileLedger ledger;
    private boolean fenced;
    private boolean spoolCleared;
    private boolean troubled;
    private SortedMap<String, Spool.Signature> previous = new TreeMap<>();
    private @Nullable Set<String> presentAtStart;

    /// Whether the place was found by the last look, so that the queue can make up for the next one.
    private boolean heeding;

    /// Whether every file of the last look, and all that the queue told of since, is settled.
    private boolean calm;

    private long lookedNanos;

    FolderWatch(
            FileSource source,
            WatchedPlace place,
            FileSettings settings,
            Spool spool,
            FileIntake intake,
            @Nullable Notifications notifications,
            SourceProgress progress,
            ReplayOrders orders,
            FolderStop stop,
            CountDownLatch stopped) {
        this.source = source;
        this.place = place;
        this.settings = settings;
        this.spool = spool;
        this.intake = intake;
        this.notifications = notifications;
        this.progress = progress;
        this.orders = orders;
        this.stop = stop;
        this.stopped = stopped;
    }

    @Override
    public void run() {
        boolean running = true;
        while (running) {
            running = attempt() ? pause() : !fenced && !Backoff.stoppedWithin(backoff.next(), stopped);
        }
        if (notifications != null) {
            notifications.close();
        }
        closeLedger();
        progress.state(fenced ? FileSourceStatus.State.FENCED : FileSourceStatus.State.STOPPED);
        orders.cancel();
    }

    /// Waits for the next look, for an order, or for the queue.
    private boolean pause() {
        boolean running = stopped.getCount() > 0;
        while (running && !orders.waiting() && !isTold() && !untilLook().isZero()) {
            Duration left = untilLook();
            running = !Backoff.stoppedWithin(left.compareTo(ORDERS_LOOK) < 0 ? left : ORDERS_LOOK, stopped);
        }
        return running;
    }

    private boolean isTold() {
        return heeding && notifications != null && notifications.waiting();
    }

    private Duration untilLook() {
        Duration interval = notifications != null && heeding && calm && notifications.heard()
                ? notifications.listEvery()
                : place.interval();
        Duration left = interval.minusNanos(System.nanoTime() - lookedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private boolean isLookDue() {
        return notifications == null || !heeding || untilLook().isZero();
    }

    private boolean attempt() {
        try {
            if ((ledger == null || troubled) && leftToSuccessor()) {
                return false;
            }
            FileLedger open = openLedger();
            orders.carryOut(open);
            Optional<String> cause = stop.cause();
            if (cause.isPresent()) {
                rest(cause.get());
            } else {
                if (isLookDue()) {
                    round(open);
                }
                if (isTold()) {
                    followNotifications(open);
                }
                progress.mended(ROUND);
            }
            backoff.reset();
            troubled = false;
            return true;
        } catch (KafkaException e) {
            closeLedger();
            return failed(e);
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
    }

    private void rest(String cause) {
        looked(false, System.nanoTime());
        progress.state(FileSourceStatus.State.PAUSED);
        progress.failed(
                ROUND,
                IngestError.CAPTURE_QUARANTINE_RATE,
                "Source " + source.name() + " has stopped: " + cause
                        + ". ./levada quarantine list shows them; correct the cause, then ./levada source resume "
                        + source.name());
    }

    private boolean leftToSuccessor() {
        settings.successor().ifPresent(successor -> {
            fenced = true;
            String detail = "Another process takes the files in now: " + successor.process()
                    + ". Stop this process, or start it again to take its place";
            progress.failed(ROUND, IngestError.INGEST_FENCED, detail);
            LOG.atError()
                    .addKeyValue("source", source.name())
                    .addKeyValue("errorCode", IngestError.INGEST_FENCED.code())
                    .log(detail);
        });
        return fenced;
    }

    private boolean failed(Exception error) {
        if (stopped.getCount() == 0) {
            return false;
        }
        looked(false, System.nanoTime());
        troubled = true;
        IngestError code = error instanceof PlaceTrouble trouble ? trouble.error() : IngestError.FILES_RETRYING;
        progress.state(FileSourceStatus.State.RETRYING);
        progress.failed(ROUND, code, error instanceof PlaceTrouble ? error.getMessage() : error.toString());
        LOG.atWarn()
                .addKeyValue("source", source.name())
                .addKeyValue("table", source.rawTable())
                .addKeyValue("errorCode", code.code())
                .setCause(error)
                .log("Watching the place failed and is tried again");
        return false;
    }

    private FileLedger openLedger() throws IOException {
        FileLedger open = ledger;
        if (open == null) {
            long landed = ArrivedTopic.prepare(settings.kafka(), "levada-ingest-files-" + source.name());
            open = new FileLedger(settings.project(), source.name(), settings.kafka());
            ledger = open;
            progress.ledger(open.before(Long.MAX_VALUE), open.before(landed));
            if (!spoolCleared) {
                spool.retain(open.from(landed));
                spoolCleared = true;
            }
        }
        return open;
    }

    /// What was copied was named for an attempt whose outcome is not known, so the files are copied again.
    private void closeLedger() {
        FileLedger open = ledger;
        ledger = null;
        intake.forgetCopies();
        if (open != null) {
            open.close();
        }
    }

    private void looked(boolean found, long nanos) {
        heeding = found;
        calm = false;
        lookedNanos = nanos;
    }

    private void round(FileLedger open) throws IOException {
        switch (place.list()) {
            case Listing.Absent(IngestError error, String reason) -> {
                previous = new TreeMap<>();
                looked(false, System.nanoTime());
                progress.state(FileSourceStatus.State.MISSING);
                progress.failed(PLACE, error, reason);
            }
            case Listing.Found found -> round(open, found);
        }
    }

    private void round(FileLedger open, Listing.Found found) throws IOException {
        long listed = System.nanoTime();
        if (found.unreadable() == 0) {
            progress.mended(PLACE);
        } else {
            progress.failed(
                    PLACE,
                    IngestError.FILES_UNREADABLE,
                    found.unreadable() + " entries below " + source.place().text()
                            + " can not be read; give Levada the right to");
        }
        if (presentAtStart == null) {
            presentAtStart = new HashSet<>(found.files().keySet());
        }
        SortedMap<String, Spool.Signature> complete = complete(found);
        previous = found.files();
        intake.take(open, complete);
        SortedMap<String, Spool.Signature> perhaps = new TreeMap<>(previous);
        perhaps.keySet().removeAll(complete.keySet());
        intake.copyAhead(open, perhaps);
        intake.retain(previous.keySet());
        report(open);
        looked(true, listed);
        if (notifications != null) {
            calm = previous.entrySet().stream().allMatch(file -> intake.isSettled(file.getKey(), file.getValue()));
            notifications.listen();
        }
    }

    private SortedMap<String, Spool.Signature> complete(Listing.Found found) {
        if (place.completeAtOnce()) {
            return found.files();
        }
        SortedMap<String, Spool.Signature> complete = new TreeMap<>(found.files());
        complete.entrySet().removeIf(file -> !file.getValue().equals(previous.get(file.getKey())));
        return complete;
    }

    /// Looks at what the queue has named. A message is deleted once all that it names is settled or gone;
    /// another one comes again, and the next listing comes soon.
    private void followNotifications(FileLedger open) throws IOException {
        Notifications told = Objects.requireNonNull(notifications);
        List<Notifications.Notified> messages = told.take();
        Set<String> unsettled = new HashSet<>();
        SortedMap<String, Spool.Signature> named = new TreeMap<>();
        for (String path : paths(messages)) {
            if (!find(path, named)) {
                unsettled.add(path);
            }
        }
        intake.take(open, named);
        report(open);
        named.forEach((path, signature) -> {
            if (!intake.isSettled(path, signature)) {
                unsettled.add(path);
            }
        });
        calm = calm && unsettled.isEmpty();
        told.registered(messages.stream()
                .filter(message -> message.paths().stream().noneMatch(unsettled::contains))
                .toList());
    }

    /// Finds what a file is now. Where it is not there, nothing is left to do.
    ///
    /// @param found takes the file where it is there
    /// @return false where that can not be said
    /// @throws PlaceTrouble where the place does not answer
    private boolean find(String path, SortedMap<String, Spool.Signature> found) throws IOException {
        try {
            Optional<Spool.Signature> now = place.signature(path);
            if (now.isPresent()) {
                found.put(path, now.get());
                previous.put(path, now.get());
            } else {
                previous.remove(path);
                intake.forget(path);
            }
            return true;
        } catch (PlaceTrouble e) {
            if (e.error() == IngestError.FILES_STORAGE_AWAY) {
                throw e;
            }
            progress.failed(path, e.error(), e.getMessage());
            return false;
        }
    }

    private static Set<String> paths(List<Notifications.Notified> messages) {
        Set<String> paths = new TreeSet<>();
        messages.forEach(message -> paths.addAll(message.paths()));
        return paths;
    }

    private void report(FileLedger open) {
        progress.state(FileSourceStatus.State.WATCHING);
        progress.counted(previous.size(), intake.refused());
        Set<String> awaited = presentAtStart;
        if (awaited != null) {
            awaited.removeIf(path -> intake.isSettled(path) || !previous.containsKey(path));
            progress.atStart(new FilesAtStart(awaited.isEmpty(), open.lastNumbers()));
        }
    }
}
