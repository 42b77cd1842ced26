package io.levada.ingest.files;

import io.levada.definition.FilePlace;
import io.levada.definition.FileSource;
import io.levada.ingest.IngestError;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// What watch and landing of one source tell of themselves. Safe for use by several threads.
final class SourceProgress {
    private final FileSource source;
    private final LinkedHashMap<String, FileSourceStatus.LastError> errors = new LinkedHashMap<>();
    private FileSourceStatus.State state = FileSourceStatus.State.STARTING;
    private FilesAtStart atStart = new FilesAtStart(false, java.util.Map.of());
    private long seen;
    private long arrived;
    private long landed;
    private long quarantinedFiles;
    private long quarantinedRows;
    private long refused;
    private long messages;
    private long strangeMessages;

    SourceProgress(FileSource source) {
        this.source = source;
    }

    synchronized void state(FileSourceStatus.State now) {
        state = now;
    }

    synchronized void counted(long filesSeen, long filesRefused) {
        seen = filesSeen;
        refused = filesRefused;
    }

    synchronized void ledger(long filesArrived, long filesLanded) {
        arrived = filesArrived;
        landed = Math.max(landed, filesLanded);
    }

    synchronized void arrived(int files) {
        arrived += files;
    }

    synchronized void landed(FileConversion.Converted converted) {
        landed++;
        if (converted.whole()) {
            quarantinedFiles++;
        } else {
            quarantinedRows += converted.quarantinedRows();
        }
    }

    synchronized void atStart(FilesAtStart now) {
        atStart = now;
    }

    synchronized FilesAtStart atStart() {
        return atStart;
    }

    /// @param received messages of the queue that came just now
    /// @param strange messages since the start that were not for this source
    synchronized void notified(int received, long strange) {
        messages += received;
        strangeMessages = strange;
    }

    /// Shows an error until [#mended] is told of the same place.
    synchronized void failed(String place, IngestError error, @Nullable String detail) {
        errors.remove(place);
        errors.put(place, new FileSourceStatus.LastError(error.code(), detail == null ? error.code() : detail));
    }

    synchronized void mended(String place) {
        errors.remove(place);
    }

    synchronized boolean isFailed(String place) {
        return errors.containsKey(place);
    }

    synchronized FileSourceStatus status() {
        return new FileSourceStatus(
                source.name(),
                source.place().text(),
                source.rawTable(),
                state,
                seen,
                arrived,
                landed,
                quarantinedFiles,
                quarantinedRows,
                refused,
                queue(),
                errors.isEmpty() ? null : errors.sequencedValues().getLast());
    }

    private FileSourceStatus.@Nullable Queue queue() {
        return source.place() instanceof FilePlace.S3Prefix prefix && prefix.notifications() != null
                ? new FileSourceStatus.Queue(prefix.notifications().queue().toString(), messages, strangeMessages)
                : null;
    }
}
