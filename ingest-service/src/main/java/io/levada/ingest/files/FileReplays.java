package io.levada.ingest.files;

import io.levada.definition.ChangedFiles;
import io.levada.definition.FileSource;
import io.levada.events.FileArrived;
import io.levada.events.FileIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Takes what the files of one source brought to quarantine in again: each such file is announced once more under a
/// number of its own, with the number whose entries are done by it. Of a file of which rows were taken, only the
/// quarantined records are wanted.
///
/// Not safe for use by several threads.
final class FileReplays {
    private final FileSource source;
    private final WatchedPlace place;
    private final Spool spool;
    private final Path kept;
    private final QuarantinedRecords quarantined;
    private final Clock clock;

    /// @param kept where originals of quarantined files are kept
    FileReplays(
            FileSource source,
            WatchedPlace place,
            Spool spool,
            Path kept,
            QuarantinedRecords quarantined,
            Clock clock) {
        this.source = source;
        this.place = place;
        this.spool = spool;
        this.kept = kept;
        this.quarantined = quarantined;
        this.clock = clock;
    }

    /// What is to be announced; copies of all of it are in the spool.
    ///
    /// @param missing files whose content is nowhere to be found
    /// @param replaced files of which there is a newer version that replaces them
    record Plan(List<FileArrived> arrived, List<String> missing, List<String> replaced) {
        String answer(String table) {
            String taken = arrived.isEmpty()
                    ? "Nothing of " + table + " is taken in again"
                    : "Of " + table + " the quarantined records of " + arrived.size()
                            + (arrived.size() == 1 ? " file are" : " files are") + " taken in again";
            String gone = missing.isEmpty()
                    ? ""
                    : "; not to be found with the content that they had: " + String.join(", ", missing)
                            + ": put them back and give the order again, or settle them";
            String old = replaced.isEmpty()
                    ? ""
                    : "; replaced by a newer version: " + String.join(", ", replaced) + ": settle them";
            return taken + gone + old;
        }
    }

    Plan plan(FileLedger ledger) throws IOException {
        List<FileArrived> arrived = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> replaced = new ArrayList<>();
        long number = ledger.nextNumber(source.rawTable());
        for (QuarantinedRecords.InQuarantine file : quarantined.open(source.name(), source.rawTable())) {
            Optional<FileArrived> original = ledger.arrived(source.rawTable(), file.number());
            if (original.isEmpty() || ledger.isReplayed(source.rawTable(), file.number())) {
                continue;
            }
            FileArrived before = original.get();
            String path = before.file().path();
            FileIdentity identity = new FileIdentity(
                    source.name(),
                    source.rawTable(),
                    number,
                    path,
                    before.file().sha256());
            if (isReplaced(ledger, before)) {
                replaced.add(path);
            } else if (!spooled(identity)) {
                missing.add(path);
            } else {
                arrived.add(new FileArrived(
                        identity,
                        before.bytes(),
                        clock.instant(),
                        source.format(),
                        before.tag(),
                        file.whole() ? before.replaces() : null,
                        file.number(),
                        file.whole() ? before.recordsOf() : Long.valueOf(file.number())));
                number++;
            }
        }
        return new Plan(arrived, missing, replaced);
    }

    private boolean isReplaced(FileLedger ledger, FileArrived before) {
        long version = version(ledger, before);
        return source.changedFiles() == ChangedFiles.REPLACE
                && ledger.versions(before.file().path()).stream()
                        .anyMatch(other -> other.file().number() > version);
    }

    /// The number of the version that a file is, or is a replay of.
    private long version(FileLedger ledger, FileArrived file) {
        FileArrived version = file;
        while (version.replayOf() != null) {
            version = ledger.arrived(source.rawTable(), version.replayOf()).orElseThrow();
        }
        return version.file().number();
    }

    /// Puts the content into the spool, from where it was kept or from where it came from.
    private boolean spooled(FileIdentity file) throws IOException {
        Optional<Path> original = keptOriginal(file);
        if (original.isPresent()) {
            SyncedFiles.copy(original.get(), spool.path(file));
            return true;
        }
        Optional<Spool.Signature> signature = place.signature(file.path());
        if (signature.isEmpty()
                || !(place.copy(file.path(), signature.get(), spool) instanceof Spool.Complete content)) {
            return false;
        }
        if (!content.sha256().equals(file.sha256())) {
            Files.deleteIfExists(content.copy());
            return false;
        }
        spool.keep(content, file);
        return true;
    }

    private Optional<Path> keptOriginal(FileIdentity file) throws IOException {
        if (!Files.isDirectory(kept)) {
            return Optional.empty();
        }
        try (Stream<Path> originals = Files.list(kept)) {
            return originals
                    .filter(path -> String.valueOf(path.getFileName()).contains("-" + file.sha256() + "-"))
                    .findFirst();
        }
    }
}
