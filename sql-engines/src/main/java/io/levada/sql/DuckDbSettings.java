package io.levada.sql;

import java.nio.file.Path;
import java.util.List;

/// What one DuckDB instance may use.
///
/// @param memoryMegabytes its own limit; beyond it, it spills to `temporaryDirectory`
/// @param readable the only folders that SQL can read files from
public record DuckDbSettings(int memoryMegabytes, int threads, Path temporaryDirectory, List<Path> readable) {
    public DuckDbSettings {
        readable = List.copyOf(readable);
        if (memoryMegabytes < 64 || threads < 1) {
            throw new IllegalArgumentException(
                    "DuckDB needs 64 MB and one thread, got " + memoryMegabytes + " MB and " + threads);
        }
    }
}
