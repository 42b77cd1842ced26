package io.levada.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A complete file was found in a watched place and numbered.
///
/// @param file identity and number
/// @param arrivedAt when it was found complete
/// @param format `csv`, `json`, `extended-json` or `parquet`
/// @param tag changes whenever the content does, as the place says (an ETag); null where it says nothing of the kind
/// @param replaces the number of the same path's version whose rows this one replaces; null where it replaces none
/// @param replayOf the number of the file whose entries in quarantine are done by this one; null where there are none
/// @param recordsOf the number of the file whose quarantined records alone are taken; null where all are
public record FileArrived(
        FileIdentity file,
        long bytes,
        Instant arrivedAt,
        String format,
        @Nullable String tag,
        @Nullable Long replaces,
        @Nullable Long replayOf,
        @Nullable Long recordsOf) {
    public FileArrived(FileIdentity file, long bytes, Instant arrivedAt, String format) {
        this(file, bytes, arrivedAt, format, null, null, null, null);
    }
}
