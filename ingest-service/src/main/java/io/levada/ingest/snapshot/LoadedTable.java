package io.levada.ingest.snapshot;

import io.levada.events.WrittenFile;
import java.util.List;

/// The files of one table's load.
///
/// @param runId of the files and their manifest
/// @param schemaId the table's schema that they were written with
public record LoadedTable(String runId, int schemaId, List<WrittenFile> files, long rows) {
    public LoadedTable {
        files = List.copyOf(files);
    }
}
