package io.levada.ingest.files;

import java.util.Map;

/// How far the files are that were present when the watch began.
///
/// @param complete whether every one of them has been announced or refused
/// @param lastNumbers the number of the last announced file by raw table; the table holds it once it is committed
public record FilesAtStart(boolean complete, Map<String, Long> lastNumbers) {
    public FilesAtStart {
        lastNumbers = Map.copyOf(lastNumbers);
    }
}
