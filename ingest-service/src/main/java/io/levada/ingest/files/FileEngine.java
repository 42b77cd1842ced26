package io.levada.ingest.files;

import io.levada.definition.LakeDefinition;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.LocalCopies;
import io.levada.sql.DuckDbSettings;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// The DuckDB instance that reads Parquet files and quarantine. It reads and writes its own scratch folder, the spool
/// and the lake, and nothing else. It is opened when it is first needed, and anew after it failed.
///
/// Safe for use by several threads.
final class FileEngine implements AutoCloseable {
    private static final int MEMORY_MEGABYTES = 512;
    private static final int MOST_THREADS = 4;

    private final Path scratch;
    private final LakeLayout layout;
    private final List<Path> readable;
    private final LocalCopies copies;
    private @Nullable LakeSession session;

    /// @param scratch a folder of this engine alone; what an earlier process left there is deleted
    /// @param readable what else it may read
    FileEngine(Path scratch, LakeLayout layout, List<Path> readable) {
        this.scratch = scratch;
        this.layout = layout;
        this.readable = List.copyOf(readable);
        this.copies = LocalCopies.in(scratch.resolveSibling("copies"), LakeDefinition.CACHE_BYTES)
                .droppingUnused();
    }

    /// A folder that the instance can write to.
    Path scratch() {
        return scratch;
    }

    /// Local copies, which the instance can read, of a bucket's files.
    LocalCopies copies() {
        return copies;
    }

    /// A connection of its own, with temporary tables of its own.
    synchronized Connection connect() throws SQLException, IOException {
        LakeSession open = session;
        if (open == null) {
            Files.createDirectories(scratch);
            Scratch.clear(scratch);
            List<Path> folders = new java.util.ArrayList<>(readable);
            folders.add(scratch);
            folders.add(copies.readable(layout.root()));
            int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
            open = LakeSession.open(
                    new DuckDbSettings(MEMORY_MEGABYTES, threads, scratch.resolve("spill"), folders), List.of());
            session = open;
        }
        return ((DuckDBConnection) open.connection()).duplicate();
    }

    /// Ends the instance after a failure; the next connection opens another.
    synchronized void reset() {
        LakeSession failed = session;
        session = null;
        if (failed != null) {
            try {
                failed.close();
            } catch (SQLException _) {
                // it failed before
            }
        }
    }

    @Override
    public void close() {
        reset();
    }
}
