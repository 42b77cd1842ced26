package io.levada.local;

import io.levada.definition.LakeDefinition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The folder under which everything durable of one pipeline lies, held by one process at a time.
///
/// | folder | holds |
/// |---|---|
/// | `kafka` | the broker's log |
/// | `catalog` | catalog and schema registry |
/// | `lake` | Parquet files, manifests and Iceberg metadata, unless `lake.location` names another place |
/// | `cache` | local copies of data files, where the lake is in a bucket |
/// | `ingest`, `transform`, `query` | spools and temporary files of a service |
/// | `warehouse` | the warehouse's database |
/// | `logs` | `levada.log` and its older parts |
/// | `postgres`, `mariadb` | the demo's databases |
final class DataDirectory implements AutoCloseable {
    /// Below this much free space a pipeline stops in order. The broker ends the process where it stands once a
    /// write fails.
    static final long RESERVE_BYTES = 256L * 1024 * 1024;

    private static final String LOCK = "levada.lock";

    private final Path root;
    private final FileChannel channel;
    private final FileLock lock;

    private DataDirectory(Path root, FileChannel channel, FileLock lock) {
        this.root = root;
        this.channel = channel;
        this.lock = lock;
    }

    /// Makes the folder where it is missing, and takes its lock.
    ///
    /// @throws LocalException where another process holds it, or it can not be written
    static DataDirectory open(Path directory) {
        Path root = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            Files.createDirectories(root.resolve("logs"));
            FileChannel channel = FileChannel.open(
                    root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = lockOrNull(channel);
            if (lock == null) {
                String holder = holder(channel);
                channel.close();
                throw new LocalException(
                        LocalError.DATA_LOCKED,
                        "The data directory " + root + " is in use by process " + holder,
                        "Stop that process, or give this one its own directory with --data DIR");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            channel.force(true);
            return new DataDirectory(root, channel, lock);
        } catch (IOException e) {
            throw new LocalException(
                    LocalError.DATA_DIRECTORY,
                    "The data directory " + root + " can not be used: " + e,
                    "Give a directory that you may write to with --data DIR",
                    e);
        }
    }

    private static @Nullable FileLock lockOrNull(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(32);
        channel.read(buffer, 0);
        String pid = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
        return pid.isEmpty() ? "(unknown)" : pid;
    }

    Path root() {
        return root;
    }

    /// @throws LocalException where less than `bytes` are free
    void requireSpace(long bytes) {
        long free;
        try {
            free = Files.getFileStore(root).getUsableSpace();
        } catch (IOException e) {
            throw new LocalException(
                    LocalError.DATA_DIRECTORY,
                    "The data directory " + root + " can not be looked at: " + e,
                    "See that it is there and mounted",
                    e);
        }
        if (free < bytes) {
            throw new LocalException(
                    LocalError.DISK_FULL,
                    (free >> 20) + " MB are free for the data directory " + root + "; " + (bytes >> 20)
                            + " MB are needed",
                    "Give it more space and start again with the same data directory; nothing is lost");
        }
    }

    /// The folder of one part of the pipeline.
    Path folder(String name) {
        return root.resolve(name);
    }

    Path logs() {
        return folder("logs");
    }

    /// The absolute folder of the lake, or its bucket and prefix. A folder of the definition is relative to this
    /// directory, or absolute.
    String lake(LakeDefinition lake) {
        return lake.isBucket()
                ? lake.location()
                : root.resolve(lake.location()).normalize().toString();
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
