package io.levada.lake.storage;

import io.levada.events.WrittenFile;
import io.levada.lake.LocalFileIO;
import io.levada.lake.WrittenFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Files of a table that an engine writes which knows local folders only. For a table in a folder they are written
/// where they stay; for one in a bucket they are written to a staging folder and uploaded.
///
/// Not safe for use by several threads.
public final class EngineFiles implements AutoCloseable {
    private final Table table;
    private final Path root;
    private final boolean staged;

    private EngineFiles(Table table, Path root, boolean staged) {
        this.table = table;
        this.root = root;
        this.staged = staged;
    }

    /// @param staging a folder that the engine can write to
    public static EngineFiles of(Table table, Path staging) {
        return LakeFileIO.isBucket(table.location())
                ? new EngineFiles(table, staging.resolve(UUID.randomUUID().toString()), true)
                : new EngineFiles(table, LocalFileIO.path(table.location()), false);
    }

    /// Where the engine is to write what is to be at a place of the table. The folder above it is there.
    ///
    /// @param relative to the table's location
    public Path path(String relative) throws IOException {
        Path path = root.resolve(relative);
        Files.createDirectories(path.getParent());
        return path;
    }

    /// Makes a closed Parquet file with the table's field ids last at its place.
    ///
    /// @param partition the file's partition values, or null for an unpartitioned table
    /// @throws org.apache.iceberg.exceptions.RuntimeIOException where storage fails
    public WrittenFile keep(Path file, @Nullable StructLike partition) throws IOException {
        if (!staged) {
            sync(file);
            return WrittenFiles.ofParquet(file.toString(), table, partition);
        }
        String location = table.location() + "/" + root.relativize(file);
        WrittenFile written =
                WrittenFiles.ofParquet(new LocalFileIO().newInputFile(file.toString()), location, table, partition);
        LakeFileIO.store(table.io(), file, location);
        Files.delete(file);
        return written;
    }

    /// Makes the file and the names that lead to it from the table's folder last.
    private void sync(Path file) throws IOException {
        force(file, StandardOpenOption.WRITE);
        for (Path folder = file.getParent(); folder != null && folder.startsWith(root); folder = folder.getParent()) {
            force(folder, StandardOpenOption.READ);
        }
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /// Deletes what was staged.
    @Override
    public void close() throws IOException {
        if (staged && Files.exists(root)) {
            Staging.begin(root);
            Files.delete(root);
        }
    }
}
