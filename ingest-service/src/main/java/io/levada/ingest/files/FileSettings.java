package io.levada.ingest.files;

import io.levada.definition.QuarantinePolicy;
import io.levada.ingest.landing.Incarnation;
import io.levada.lake.LakeLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// How watched folders are taken in.
///
/// @param incarnation of the process, which has claimed the files
/// @param project names the transactional ids
/// @param dataDirectory holds the spool and the originals of quarantined files
/// @param kafka settings of every client, at least `bootstrap.servers`
/// @param pollInterval between two looks at a folder; a file is complete once two looks found it the same
/// @param quarantine when a source stops because too much of it goes to quarantine
/// @param maxRecordBytes a longer record is quarantined
/// @param partBytes a Parquet file is made of about this much text
/// @param messageHidden how long a message of a queue is hidden while what it names is taken in, in seconds
public record FileSettings(
        Incarnation incarnation,
        String project,
        Path dataDirectory,
        Map<String, Object> kafka,
        LakeLayout layout,
        Duration pollInterval,
        QuarantinePolicy quarantine,
        int maxRecordBytes,
        long partBytes,
        Duration messageHidden) {
    private static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(500);
    private static final int DEFAULT_MAX_RECORD_BYTES = 4 * 1024 * 1024;
    private static final long DEFAULT_PART_BYTES = 64L * 1024 * 1024;
    private static final Duration DEFAULT_MESSAGE_HIDDEN = Duration.ofMinutes(5);

    public FileSettings {
        kafka = Map.copyOf(kafka);
        if (pollInterval.isNegative() || pollInterval.isZero()) {
            throw new IllegalArgumentException("pollInterval is " + pollInterval + "; it must be positive");
        }
        if (maxRecordBytes < 1024 || partBytes < 1024) {
            throw new IllegalArgumentException("maxRecordBytes is " + maxRecordBytes + " and partBytes " + partBytes
                    + "; both must be at least 1024");
        }
        if (messageHidden.toSeconds() < 1) {
            throw new IllegalArgumentException("messageHidden is " + messageHidden + "; it must be at least 1 s");
        }
    }

    /// The process that takes files in now in the place of this one.
    Optional<Incarnation.Claim> successor() {
        return incarnation.successor(Incarnation.files(project));
    }

    /// The settings with every default.
    public static FileSettings of(
            Incarnation incarnation,
            String project,
            Path dataDirectory,
            Map<String, Object> kafka,
            LakeLayout layout,
            QuarantinePolicy quarantine) {
        return new FileSettings(
                incarnation,
                project,
                dataDirectory,
                kafka,
                layout,
                DEFAULT_POLL_INTERVAL,
                quarantine,
                DEFAULT_MAX_RECORD_BYTES,
                DEFAULT_PART_BYTES,
                DEFAULT_MESSAGE_HIDDEN);
    }
}
