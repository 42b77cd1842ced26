package io.levada.ingest.files;

import io.levada.definition.ChangedFiles;
import io.levada.definition.FileSource;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import io.levada.ingest.IngestError;
import io.levada.ingest.landing.LandingStep;
import io.levada.ingest.landing.LandingSteps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the folder of one source: a file that two looks found the same is copied to the spool, the table gets the
/// columns that the files of this round bring, and the files are announced in one transaction.
final class FolderWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);
    private static final String FOLDER = "folder";
    private static final String ROUND = "round";

    private final FileSource source;
    private final FileSettings settings;
    private final FileTable table;
    private final Spool spool;
    private final SourceProgress progress;
    private final CountDownLatch stopped;
    private final Backoff backoff;
    private final LandingSteps steps;
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
            FileSettings settings,
            FileTable table,
            Spool spool,
            SourceProgress progress,
            LandingSteps steps,
            CountDownLatch stopped) {
        this.source = source;
        this.settings = settings;
        this.table = table;
        this.spool = spool;
        this.progress = progress;
        this.steps = steps;
        this.stopped = stopped;
        this.backoff = new Backoff(stopped);
    }

    @Override
    public void run() {
        boolean running = true;
        while (running) {
            running = attempt() ? backoff.pause(settings.pollInterval()) : !fenced && backoff.afterFailure();
        }
        closeLedger();
        progress.state(fenced ? FileSourceStatus.State.FENCED : FileSourceStatus.State.STOPPED);
    }

    private boolean attempt() {
        try {
            if (ledger == null && leftToSuccessor()) {
                return false;
            }
            round(openLedger());
            backoff.reset();
            progress.mended(ROUND);
            return true;
        } catch (KafkaException e) {
            closeLedger();
            return failed(e);
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
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
        progress.state(FileSourceStatus.State.RETRYING);
        progress.failed(ROUND, IngestError.FILES_RETRYING, error.toString());
        LOG.atWarn()
                .addKeyValue("source", source.name())
                .addKeyValue("table", source.rawTable())
                .addKeyValue("errorCode", IngestError.FILES_RETRYING.code())
                .setCause(error)
                .log("Watching the folder failed and is tried again");
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
        Path folder = source.path();
        if (!Files.isDirectory(folder)) {
            previous = new TreeMap<>();
            progress.state(FileSourceStatus.State.MISSING);
            progress.failed(
                    FOLDER,
                    IngestError.FILES_FOLDER_MISSING,
                    "Folder " + folder + " of source '" + source.name() + "' is not there; create it");
            return;
        }
        FolderScan scan = FolderScan.of(folder);
        if (scan.unreadable() == 0) {
            progress.mended(FOLDER);
        } else {
            progress.failed(
                    FOLDER,
                    IngestError.FILES_UNREADABLE,
                    scan.unreadable() + " entries below " + folder + " can not be read; give Levada the right to");
        }
        if (presentAtStart == null) {
            presentAtStart = new HashSet<>(scan.files().keySet());
        }
        scan.files().forEach((path, signature) -> {
            if (signature.equals(previous.get(path))
                    && !signature.equals(settled.get(path))
                    && !copied.containsKey(path)
                    && stopped.getCount() > 0) {
                look(open, path, signature);
            }
        });
        previous = scan.files();
        if (!copied.isEmpty() && stopped.getCount() > 0) {
            announce(open);
        }
        progress.state(FileSourceStatus.State.WATCHING);
        report(open, scan.files());
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
    private void look(FileLedger open, String path, Spool.Signature signature) {
        Path file = source.path().resolve(path);
        Set<String> known = open.sha256s(path);
        try {
            Spool.Reading reading = known.isEmpty() ? spool.copy(file, signature) : Spool.read(file, signature);
            if (reading instanceof Spool.Complete read
                    && !known.isEmpty()
                    && !known.contains(read.sha256())
                    && source.changedFiles() == ChangedFiles.APPEND) {
                reading = spool.copy(file, signature);
            }
            progress.mended(path);
            if (reading instanceof Spool.Complete content) {
                if (!content.copy().equals(file)) {
                    copied.put(path, new Copied(signature, content));
                    return;
                }
                settled.put(path, signature);
                if (known.contains(content.sha256())) {
                    refused.remove(path);
                } else {
                    refuse(path);
                }
            }
        } catch (NoSuchFileException _) {
            progress.mended(path);
        } catch (IOException e) {
            progress.failed(path, IngestError.FILES_UNREADABLE, "File " + file + " can not be read: " + e);
        }
    }

    private void refuse(String path) {
        refused.add(path);
        progress.failed(
                path,
                IngestError.FILES_CHANGED,
                "File " + path + " was taken before with other content and is not taken again; give the new content "
                        + "another name, or set `changed-files: append`");
        LOG.atError()
                .addKeyValue("source", source.name())
                .addKeyValue("table", source.rawTable())
                .addKeyValue("file", path)
                .addKeyValue("errorCode", IngestError.FILES_CHANGED.code())
                .log("File refused: its path was taken before with other content");
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
            arrived.add(new FileArrived(identity, content.bytes(), clock.instant(), source.format()));
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
