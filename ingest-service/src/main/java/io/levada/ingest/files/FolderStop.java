package io.levada.ingest.files;

import io.levada.definition.QuarantinePolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Stops a source of files once too much of it goes to quarantine: no more files are taken until an operator says so,
/// also after a restart. What was announced until then is in its table or in quarantine, so nothing is lost by the
/// stop.
///
/// Safe for use by several threads.
final class FolderStop {
    private final QuarantinePolicy policy;
    private final Path directory;
    private final Path note;
    private long rows;
    private long bad;

    /// @param directory holds a file of the source's name while it is stopped, which says why
    FolderStop(QuarantinePolicy policy, Path directory, String source) {
        this.policy = policy;
        this.directory = directory;
        this.note = directory.resolve(source);
    }

    /// Counts what came of a file; one that was put aside whole is one bad row.
    synchronized void landed(long fitting, long quarantined) throws IOException {
        rows += fitting + quarantined;
        bad += quarantined;
        if (policy.isExceeded(bad, rows)) {
            stop(bad + " of the last " + rows + " records went to quarantine");
        } else if (rows >= policy.window()) {
            rows = 0;
            bad = 0;
        }
    }

    private void stop(String why) throws IOException {
        if (!Files.exists(note)) {
            Files.createDirectories(directory);
            Path written = Files.createTempFile(directory, ".stop", ".part");
            Files.writeString(written, why);
            SyncedFiles.move(written, note);
        }
    }

    /// Why the source is stopped; empty where it is not.
    synchronized Optional<String> cause() throws IOException {
        return Files.exists(note) ? Optional.of(Files.readString(note, StandardCharsets.UTF_8)) : Optional.empty();
    }

    /// Lets the source go on; the counting begins anew.
    synchronized void resume() throws IOException {
        rows = 0;
        bad = 0;
        Files.deleteIfExists(note);
    }
}
