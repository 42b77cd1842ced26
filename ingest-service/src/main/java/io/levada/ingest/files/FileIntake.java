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
import java.time.Clock;
import java.time.Duration;
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

/// Takes complete files of one source in: a file is copied to the spool, the table gets the columns
/// that the files of this round bring, and the files are announced in one transaction.
///
/// Not safe for use by several threads.
final class FileIntake {
    private static final Logger LOG = LoggerFactory.getLogger(FileIntake.class);
    private static final int MOST_AWAY_IN_A_ROW = 3;

    /// A file that was written to a shorter time ago is not worth a copy before it is known to be complete.
    private static final Duration RESTED = Duration.ofSeconds(1);

    private final FileSource source;
    private final WatchedPlace place;
    private final FileTable table;
    private final Spool spool;
    private final SourceProgress progress;
    private final LandingSteps steps;
    private final CountDownLatch stopped;
    private final Clock clock = Clock.systemUTC();

    /// Files that need no further look as long as they stay the same.
    private final Map<String, Spool.Signature> settled = new HashMap<>();

    private final Set<String> refused = new HashSet<>();
    private final SortedMap<String, Copied> copied = new TreeMap<>();

    /// Copies of files of which it is not known yet whether they are complete.
    private final Map<String, Copied> ahead = new HashMap<>();

    private record Copied(Spool.Signature signature, Spool.Complete content) {}

    FileIntake(
            FileSource source,
            WatchedPlace place,
            FileTable table,
            Spool spool,
            SourceProgress progress,
            LandingSteps steps,
            CountDownLatch stopped) {
        this.source = source;
        this.place = place;
        this.table = table;
        this.spool = spool;
        this.progress = progress;
        this.steps = steps;
        this.stopped = stopped;
    }

    /// Takes in those of the files that are not settled yet.
    ///
    /// @param files complete ones
    /// @throws KafkaException where the outcome of the announcement is not known: the ledger is of no
    ///     further use
    void take(FileLedger open, SortedMap<String, Spool.Signature> files) throws IOException {
        // A process that takes the place of this one, though it may be for a moment, clears the spool.
        copied.values().removeIf(copy -> !Files.exists(copy.content().copy()));
        int away = 0;
        for (Map.Entry<String, Spool.Signature> file : files.entrySet()) {
            String path = file.getKey();
            if (!isSettled(path, file.getValue())
                    && !copied.containsKey(path)
                    && away < MOST_AWAY_IN_A_ROW
                    && stopped.getCount() > 0) {
                away = look(open, path, file.getValue()) ? 0 : away + 1;
            }
        }
        if (!copied.isEmpty() && stopped.getCount() > 0) {
            announce(open);
        }
    }

    /// Copies files that may be complete, so that their copies are there once they are known to be.
    ///
    /// @param files that were found for the first time as they are
    void copyAhead(FileLedger open, SortedMap<String, Spool.Signature> files) {
        for (Map.Entry<String, Spool.Signature> file : files.entrySet()) {
            String path = file.getKey();
            Spool.Signature signature = file.getValue();
            boolean rested = clock.millis() - signature.modifiedMillis() >= RESTED.toMillis();
            if (rested && !isSettled(path, signature) && open.versions(path).isEmpty() && stopped.getCount() > 0) {
                discardAhead(path);
                try {
                    if (place.copy(path, signature, spool) instanceof Spool.Complete content) {
                        ahead.put(path, new Copied(signature, content));
                    }
                } catch (IOException e) {
                    LOG.atDebug().setCause(e).log("File {} is copied, or told of, once it is complete", path);
                }
            }
        }
    }

    private void discardAhead(String path) {
        Copied copy = ahead.remove(path);
        if (copy != null) {
            spool.discard(copy.content());
        }
    }

    /// Whether a file, as it is, is in the ledger or was refused.
    boolean isSettled(String path, Spool.Signature signature) {
        return signature.equals(settled.get(path));
    }

    boolean isSettled(String path) {
        return settled.containsKey(path);
    }

    /// Forgets the files that are not there any more.
    void retain(Set<String> paths) {
        settled.keySet().retainAll(paths);
        Set.copyOf(ahead.keySet()).stream()
                .filter(path -> !paths.contains(path))
                .forEach(this::discardAhead);
        refused.removeIf(path -> {
            boolean gone = !paths.contains(path);
            if (gone) {
                progress.mended(path);
            }
            return gone;
        });
    }

    /// Forgets a file that is not there any more.
    void forget(String path) {
        settled.remove(path);
        refused.remove(path);
        progress.mended(path);
    }

    int refused() {
        return refused.size();
    }

    /// Forgets copies whose announcement has no known outcome: the files are copied again.
    void forgetCopies() {
        copied.values().forEach(copy -> spool.discard(copy.content()));
        copied.clear();
        Set.copyOf(ahead.keySet()).forEach(this::discardAhead);
    }

    /// Reads one complete file. A file that can not be read is shown and looked at again; it stops no
    /// other.
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
        Copied early = ahead.get(path);
        if (early != null
                && early.signature().equals(signature)
                && Files.exists(early.content().copy())) {
            ahead.remove(path);
            copied.put(path, early);
            refused.remove(path);
            return;
        }
        discardAhead(path);
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
