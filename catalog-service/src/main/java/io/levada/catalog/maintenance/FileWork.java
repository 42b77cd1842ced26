package io.levada.catalog.maintenance;

import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import java.nio.file.Path;
import java.util.List;

/// What files are read and rewritten with: an engine that is bounded beside the rest of the service.
///
/// @param folder for what the engine spills, and for files on their way into a bucket
/// @param copies of files in a bucket
public record FileWork(Path folder, LocalCopies copies) {
    private static final int MEGABYTES = 256;
    private static final int THREADS = 2;

    /// @param readable more folders that the engine reads files in
    public DuckDbSettings engine(Path... readable) {
        return new DuckDbSettings(MEGABYTES, THREADS, folder.resolve("spill"), List.of(readable));
    }

    /// @param readable as of [#engine]
    public FileRewrite rewrite(Path... readable) {
        return new FileRewrite(engine(readable), copies, folder.resolve("rewritten"));
    }
}
