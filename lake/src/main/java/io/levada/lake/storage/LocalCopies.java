package io.levada.lake.storage;

import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies of data files of a bucket on local disk, for engines that read local files only. Data files never change, so
/// that a copy is right for as long as it is there. Files that are local anyway are not copied.
///
/// A file is downloaded once, however many wait for it. Those that were not used for longest make room for new ones;
/// a copy that is borrowed stays. Copies outlive the process: whole ones are taken over, all else is deleted. Copies of
/// files that are deleted go as all that nobody uses, with [#droppingUnused], and at once with [#forget].
///
/// Safe for use by several threads; for one folder there may be one of these at a time.
public final class LocalCopies {
    private static final int DOWNLOADS_AT_ONCE = 8;
    private static final int BUFFER_BYTES = 1 << 18;

    /// A copy stays so long that nobody uses. Files that are deleted from the bucket are used by nobody.
    private static final Duration UNUSED = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(LocalCopies.class);

    private final Path folder;
    private final long bytes;
    private final CopyShelf.FreeSpace free;
    private final Semaphore downloads = new Semaphore(DOWNLOADS_AT_ONCE);
    private @Nullable CopyShelf opened;

    private LocalCopies(Path folder, long bytes, CopyShelf.FreeSpace free) {
        this.folder = folder;
        this.bytes = bytes;
        this.free = free;
    }

    /// Takes over the copies in a folder once a file of a bucket is asked for; the folder is made where it is
    /// missing.
    ///
    /// @param bytes that all copies together may take
    public static LocalCopies in(Path folder, long bytes) {
        return in(folder, bytes, () -> Files.getFileStore(folder).getUsableSpace());
    }

    static LocalCopies in(Path folder, long bytes, CopyShelf.FreeSpace free) {
        return new LocalCopies(folder.toAbsolutePath(), bytes, free);
    }

    /// From now on, and for as long as the process lives, copies go that nobody has used for a day: within the
    /// hour after it.
    public LocalCopies droppingUnused() {
        Thread.ofPlatform().daemon().name("levada-local-copies").start(() -> {
            try {
                while (true) {
                    dropUnused(Instant.now().minus(UNUSED));
                    TimeUnit.HOURS.sleep(1);
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        return this;
    }

    /// Drops copies that nobody has taken since, and nobody uses. What an earlier process left counts too.
    void dropUnused(Instant since) {
        try {
            if (Files.isDirectory(folder)) {
                shelf().dropUnused(since);
            }
        } catch (UncheckedIOException e) {
            LOG.atWarn().setCause(e).log("Local copies can not be looked through; it is tried again");
        }
    }

    /// Drops the copies of files that are deleted, so that nobody asks for them again. One that is borrowed goes
    /// when it is given back.
    public void forget(Collection<String> locations) {
        if (Files.isDirectory(folder)) {
            locations.stream().filter(LakeFileIO::isBucket).forEach(shelf()::forget);
        }
    }

    /// The folder that all copies lie in.
    public Path folder() {
        return folder;
    }

    private synchronized CopyShelf shelf() {
        CopyShelf shelf = opened;
        if (shelf == null) {
            shelf = CopyShelf.open(folder, bytes, free);
            opened = shelf;
        }
        return shelf;
    }

    /// The folder that engines read a lake's files in.
    ///
    /// @param lake absolute folder, or `s3://bucket/prefix`
    public Path readable(String lake) {
        return LakeFileIO.isBucket(lake) ? folder : LocalFileIO.path(lake);
    }

    /// What all copies take now.
    public long bytes() {
        return shelf().bytes();
    }

    /// Makes files readable by local paths.
    ///
    /// @param io of the table that the files belong to
    /// @throws CopyFailure where one of them can not be had; nothing stays borrowed then
    public BorrowedFiles borrow(FileIO io, Collection<String> locations) {
        Set<String> remote = locations.stream().filter(LakeFileIO::isBucket).collect(Collectors.toUnmodifiableSet());
        Map<String, CopyShelf.Copy> taken = new ConcurrentHashMap<>();
        Runnable release = () -> taken.values().forEach(copy -> shelf().giveBack(copy));
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        if (!remote.isEmpty()) {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (String location : remote) {
                    threads.execute(() -> take(io, location, taken, failure));
                }
            }
        }
        RuntimeException failed = failure.get();
        if (failed != null) {
            release.run();
            throw failed;
        }
        Map<String, String> paths = new HashMap<>();
        for (String location : locations) {
            CopyShelf.Copy copy = taken.get(location);
            paths.put(location, (copy == null ? LocalFileIO.path(location) : copy.path()).toString());
        }
        return new BorrowedFiles(paths, release);
    }

    private void take(
            FileIO io,
            String location,
            Map<String, CopyShelf.Copy> taken,
            AtomicReference<@Nullable RuntimeException> failure) {
        if (failure.get() != null) {
            return;
        }
        try {
            taken.put(location, take(io, location));
        } catch (InterruptedException e) {
            failure.compareAndSet(
                    null, new CopyFailure(CopyFailure.Kind.STORAGE, "The copying of " + location + " was ended", e));
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private CopyShelf.Copy take(FileIO io, String location) throws InterruptedException {
        while (true) {
            CopyShelf.Copy copy = shelf().take(location);
            if (copy.claim()) {
                download(io, location, copy);
                return copy;
            }
            if (copy.awaitThere()) {
                return copy;
            }
            // Whoever downloaded it failed, perhaps for a reason of its own: the next look tries itself.
        }
    }

    private void download(FileIO io, String location, CopyShelf.Copy copy) throws InterruptedException {
        boolean there = false;
        downloads.acquire();
        try {
            long length = io.newInputFile(location).getLength();
            shelf().reserve(copy, length, location);
            Path part = folder.resolve(UUID.randomUUID() + CopyShelf.PART);
            try {
                write(io, location, part, length);
                shelf().placed(copy, part);
                there = true;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (NotFoundException e) {
            throw new CopyFailure(CopyFailure.Kind.STORAGE, String.valueOf(e.getMessage()), e);
        } catch (IOException | UncheckedIOException e) {
            throw failure(location, e);
        } finally {
            downloads.release();
            if (!there) {
                shelf().failed(copy);
            }
        }
    }

    private static void write(FileIO io, String location, Path part, long length) throws IOException {
        long written = 0;
        try (InputStream in = io.newInputFile(location, length).newStream();
                FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    written += out.write(bytes);
                }
            }
            out.force(true);
        }
        if (written != length) {
            throw new IOException(location + " has " + length + " bytes, and " + written + " arrived");
        }
    }

    private static CopyFailure failure(String location, Exception e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left on device")
                ? new CopyFailure(
                        CopyFailure.Kind.DISK_FULL, "No space is left for a local copy of " + location + ": " + e, e)
                : new CopyFailure(
                        CopyFailure.Kind.STORAGE, "There is no local copy of " + location + ": " + message, e);
    }
}
