package io.levada.ingest.files;

import io.levada.definition.ChangedFiles;
import io.levada.definition.FileSource;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the place of one source: a complete file is copied to the spool, the table gets the columns that the
/// files of this round bring, and the files are announced in one transaction.
final class FolderWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);
    private static final String PLACE = "place";
    private static final Duration ORDERS_LOOK = Duration.ofMillis(500);
    private static final int MOST_AWAY_IN_A_ROW = 3;
    private static final String ROUND = "round";

    private final FileSource source;
    private final WatchedPlace place;
    private final FileSettings settings;
    private final FileTable table;
    private final Spool spool;
    private final SourceProgress progress;
    private final CountDownLatch stopped;
    private final Backoff backoff;
    private final LandingSteps steps;
    private final ReplayOrders orders;
    private final FolderStop stop;
    private final Clock clock = Clock.systemUTC();

    private @Nullable FileLedger ledger;
    private boolean fenced;
    private boolean spoolCleared;
    private SortedMap<String, Spool.Signature> previous = new TreeMap<>();
    private @Nullable Set<String> presentAtStart;

    /// Files that need no further look as long as they stay the same.
    private final Map<String, Spool.Signature> settled = new HashMap<>();

    private final Set<String> refused = new HashSet<>();
    private final SortedMap<String, Copied> copied = new TreeMap<>();

    private record Copied(Spool.Signature signature, Spool.Complete content) {}

    FolderWatch(
            FileSource source,
            WatchedPlace place,
            FileSettings settings,
            FileTable table,
            Spool spool,
            SourceProgress progress,
            ReplayOrders orders,
            FolderStop stop,
            LandingSteps steps,
            CountDownLatch stopped) {
        this.source = source;
        this.place = place;
        this.settings = settings;
        this.table = table;
        this.spool = spool;
        this.progress = progress;
        this.orders = orders;
        this.stop = stop;
        this.steps = steps;
        this.stopped = stopped;
        this.backoff = new Backoff(stopped);
    }

    @Override
    public void run() {
        boolean running = true;
        while (running) {
            running = attempt() ? pause() : !fenced && backoff.afterFailure();
        }
        closeLedger();
        progress.state(fenced ? FileSourceStatus.State.FENCED : FileSourceStatus.State.STOPPED);
        orders.cancel();
    }

    /// Waits for the next look, or for an order.
    private boolean pause() {
        long end = System.nanoTime() + place.interval().toNanos();
        boolean running = stopped.getCount() > 0;
        while (running && !orders.waiting() && System.nanoTime() < end) {
            long left = Math.max(0, end - System.nanoTime());
            running = backoff.pause(Duration.ofNanos(Math.min(left, ORDERS_LOOK.toNanos())));
        }
        return running;
    }

    private boolean attempt() {
        try {
            if (ledger == null && leftToSuccessor()) {
                return false;
            }
            FileLedger open = openLedger();
            orders.carryOut(open);
            Optional<String> cause = stop.cause();
            if (cause.isPresent()) {
                rest(cause.get());
            } else {
                round(open);
                progress.mended(ROUND);
            }
            backoff.reset();
            return true;
        } catch (KafkaException e) {
            closeLedger();
            return failed(e);
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
    }

    private void rest(String cause) {
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
        copied.clear();
        if (open != null) {
            open.close();
        }
    }

    private void round(FileLedger open) throws IOException {
        switch (place.list()) {
            case Listing.Absent(IngestError error, String reason) -> {
                previous = new TreeMap<>();
                progress.state(FileSourceStatus.State.MISSING);
                progress.failed(PLACE, error, reason);
            }
            case Listing.Found found -> round(open, found);
        }
    }

    private void round(FileLedger open, Listing.Found found) throws IOException {
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
        int away = 0;
        for (Map.Entry<String, Spool.Signature> file : found.files().entrySet()) {
            String path = file.getKey();
            Spool.Signature signature = file.getValue();
            if ((place.completeAtOnce() || signature.equals(previous.get(path)))
                    && !signature.equals(settled.get(path))
                    && !copied.containsKey(path)
                    && away < MOST_AWAY_IN_A_ROW
                    && stopped.getCount() > 0) {
                away = look(open, path, signature) ? 0 : away + 1;
            }
        }
        previous = found.files();
        if (!copied.isEmpty() && stopped.getCount() > 0) {
            announce(open);
        }
        progress.state(FileSourceStatus.State.WATCHING);
        report(open, found.files());
    }

    private void report(FileLedger open, SortedMap<String, Spool.Signature> files) {
        settled.keySet().retainAll(files.keySet());
        refused.removeIf(path -> {
            boolean gone = !files.containsKey(path);
            if (gone) {
                progress.mended(path);
            }
            return gone;
        });
        progress.counted(files.size(), refused.size());
        Set<String> awaited = presentAtStart;
        if (awaited != null) {
            awaited.removeIf(path -> settled.containsKey(path) || !files.containsKey(path));
            progress.atStart(new FilesAtStart(awaited.isEmpty(), open.lastNumbers()));
        }
    }

    /// Reads one complete file. A file that can not be read is shown and looked at again; it stops no other.
    ///
    /// @return false where the place did not answer
    private boolean look(FileLedger open, String path, Spool.Signature signature) {
        List<FileArrived> versions = taken(open, path);
        if (versions.stream().anyMatch(version -> hasTag(version, signature))) {
            settle(path, signature, false);
            return true;
        }
        try {
            if (versions.isEmpty()) {
                copy(path, signature);
            } else if (place.hash(path, signature) instanceof Spool.Hashed(String sha256)) {
                boolean taken = versions.stream()
                        .anyMatch(version -> version.file().sha256().equals(sha256));
                if (taken || source.changedFiles() == ChangedFiles.REFUSE) {
                    settle(path, signature, !taken);
                } else {
                    copy(path, signature);
                }
            }
            if (!refused.contains(path)) {
                progress.mended(path);
            }
            return true;
        } catch (NoSuchFileException _) {
            progress.mended(path);
            return true;
        } catch (PlaceTrouble e) {
            progress.failed(path, e.error(), e.getMessage());
            return e.error() != IngestError.FILES_STORAGE_AWAY;
        } catch (IOException e) {
            progress.failed(path, IngestError.FILES_UNREADABLE, "File " + place.name(path) + " can not be read: " + e);
            return true;
        }
    }

    /// The versions whose content is not to be taken again.
    private List<FileArrived> taken(FileLedger open, String path) {
        List<FileArrived> versions = open.versions(path);
        return source.changedFiles() == ChangedFiles.REPLACE && !versions.isEmpty()
                ? List.of(versions.getLast())
                : versions;
    }

    /// Whether the place itself says that a file is what was taken, so that it needs no reading.
    private static boolean hasTag(FileArrived version, Spool.Signature signature) {
        return signature.tag() != null && signature.tag().equals(version.tag()) && signature.bytes() == version.bytes();
    }

    private void copy(String path, Spool.Signature signature) throws IOException {
        if (place.copy(path, signature, spool) instanceof Spool.Complete content) {
            copied.put(path, new Copied(signature, content));
            refused.remove(path);
        }
    }

    private void settle(String path, Spool.Signature signature, boolean refuse) {
        settled.put(path, signature);
        if (refuse) {
            refuse(path);
        } else {
            refused.remove(path);
            progress.mended(path);
        }
    }

    private void refuse(String path) {
        refused.add(path);
        progress.failed(
                path,
                IngestError.FILES_CHANGED,
                "File " + path + " was taken before with other content and is not taken again; give the new content "
                        + "another name, or set `changed-files: append` or `replace`");
        LOG.atError()
                .addKeyValue("source", source.name())
                .addKeyValue("table", source.rawTable())
                .addKeyValue("file", path)
                .addKeyValue("errorCode", IngestError.FILES_CHANGED.code())
                .log("File refused: its path was taken before with other content");
    }

    private @Nullable Long replaced(FileLedger open, String path) {
        List<FileArrived> versions = open.versions(path);
        return source.changedFiles() == ChangedFiles.REPLACE && !versions.isEmpty()
                ? versions.getLast().file().number()
                : null;
    }

    private void announce(FileLedger open) throws IOException {
        List<FileTable.Content> contents = new ArrayList<>();
        copied.forEach((path, copy) ->
                contents.add(new FileTable.Content(copy.content().copy(), path)));
        table.covering(contents);
        long number = open.nextNumber(source.rawTable());
        List<FileArrived> arrived = new ArrayList<>();
        for (Map.Entry<String, Copied> entry : copied.entrySet()) {
            Spool.Complete content = entry.getValue().content();
            FileIdentity identity =
                    new FileIdentity(source.name(), source.rawTable(), number++, entry.getKey(), content.sha256());
            spool.keep(content, identity);
            arrived.add(new FileArrived(
                    identity,
                    content.bytes(),
                    clock.instant(),
                    source.format(),
                    entry.getValue().signature().tag(),
                    replaced(open, entry.getKey()),
                    null,
                    null));
        }
        steps.reached(LandingStep.FILE_SPOOLED, source.rawTable());
        try {
            open.append(arrived);
        } catch (IllegalStateException e) {
            throw new KafkaException(e);
        }
        steps.reached(LandingStep.FILE_ANNOUNCED, source.rawTable());
        copied.forEach((path, copy) -> settled.put(path, copy.signature()));
        copied.clear();
        progress.arrived(arrived.size());
        LOG.atInfo()
                .addKeyValue("source", source.name())
                .addKeyValue("table", source.rawTable())
                .addKeyValue("files", arrived.size())
                .log("Files arrived");
    }
}
