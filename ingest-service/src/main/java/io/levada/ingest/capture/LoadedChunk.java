package io.levada.ingest.capture;

import io.levada.events.FilesWritten;
import io.levada.events.WrittenFile;
import io.levada.ingest.quarantine.QuarantineCounts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The files of one chunk of a table's load.
///
/// @param runId of the files and their manifest
/// @param schemaId the table's schema that they were written with
/// @param rows in the files
/// @param quarantine offers the rows that were put aside; null where there is none
/// @param quarantined how many those are, by kind
public record LoadedChunk(
        String runId,
        int schemaId,
        List<WrittenFile> files,
        long rows,
        @Nullable FilesWritten quarantine,
        Map<QuarantineCounts.Kind, Long> quarantined) {
    public LoadedChunk {
        files = List.copyOf(files);
        quarantined = Map.copyOf(quarantined);
    }
}
