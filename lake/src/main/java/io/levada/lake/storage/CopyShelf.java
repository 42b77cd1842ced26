package io.levada.lake.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder of [LocalCopies]: what is in it, who uses it, and what goes when there is no room.
///
/// A copy's name holds the hash of its location and its length, so that one that is not whole is known after a crash.
/// Its modification time is that of its last use.
final class CopyShelf {
    private static final Logger LOG = LoggerFactory.getLogger(CopyShelf.class);

    /// Ends the names of files that are still being written.
    static final String PART = ".part";

    /// Copies leave this much of the disk to others: local mode stops in order where less than 256 MB are free.
    static final long LEFT_FREE_BYTES = 512L * 1024 * 1024;

    private static final Pattern NAME = Pattern.compile("([0-9a-f]{64})-(\\d{1,18})\\.parquet");

    /// The free bytes of the disk.
    @FunctionalInterface
    interface FreeSpace {
        long bytes() throws IOException;
    }

    private final Path folder;
    private final long bound;
    private final FreeSpace free;

    /// In the order of their last use.
    private final Map<String, Copy> copies = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /// Of copies that are on their way: the disk may not have them yet.
    private long expectedBytes;

    private CopyShelf(Path folder, long bound, FreeSpace free) {
        this.folder = folder;
        this.bound = bound;
        this.free = free;
    }

    /// One file, there or on its way.
    static final class Copy {
        private final String key;
        private final CountDownLatch settled = new CountDownLatch(1);
        private int uses = 1;
        private boolean fresh = true;
        private boolean unwanted;
        private long length;
        private @Nullable Path path;

        private Copy(String key) {
            this.key = key;
        }

        /// Whether whoever asks first is to bring it.
        synchronized boolean claim() {
            boolean mine = fresh;
            fresh = false;
            return mine;
        }

        /// @return false where it did not come
        boolean awaitThere() throws InterruptedException {
            settled.await();
            return path != null;
        }

        Path path() {
            Path there = path;
            if (there == null) {
                throw new IllegalStateException("The copy is not there");
            }
            return there;
        }
    }

    static CopyShelf open(Path folder, long bound, FreeSpace free) {
        CopyShelf shelf = new CopyShelf(folder, bound, free);
        try {
            Files.createDirectories(folder);
            shelf.takeOver();
        } catch (IOException e) {
            throw new UncheckedIOException("The folder of local copies " + folder + " can not be used", e);
        }
        return shelf;
    }

    private record Found(String key, Path path, long length, FileTime used) {}

    private synchronized void takeOver() throws IOException {
        List<Path> paths;
        try (Stream<Path> all = Files.list(folder)) {
            paths = all.toList();
        }
        List<Found> whole = new ArrayList<>();
        for (Path path : paths) {
            Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
            if (name.matches() && Files.size(path) == Long.parseLong(name.group(2))) {
                whole.add(new Found(name.group(1), path, Files.size(path), Files.getLastModifiedTime(path)));
            } else {
                Files.delete(path);
            }
        }
        whole.sort(Comparator.comparing(Found::used));
        for (Found found : whole) {
            Copy copy = new Copy(found.key());
            copy.uses = 0;
            copy.fresh = false;
            copy.length = found.length();
            copy.path = found.path();
            copy.settled.countDown();
            copies.put(found.key(), copy);
            bytes += found.length();
        }
        makeRoom(0);
    }

    Path folder() {
        return folder;
    }

    synchronized long bytes() {
        return bytes;
    }

    /// Borrows a copy, which may have to be brought first, by whoever it is told to.
    synchronized Copy take(String location) {
        String key = hash(location);
        Copy copy = copies.get(key);
        if (copy != null && copy.path != null && !isWhole(copy.path, copy.length)) {
            remove(copy);
            copy = null;
        }
        if (copy == null) {
            copy = new Copy(key);
            copies.put(key, copy);
            return copy;
        }
        copy.uses++;
        return copy;
    }

    private static boolean isWhole(Path path, long length) {
        try {
            if (Files.size(path) != length) {
                return false;
            }
            Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis()));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    synchronized void giveBack(Copy copy) {
        copy.uses--;
        if (copy.unwanted) {
            tryToDrop(copy);
        }
    }

    /// Drops the copy of a file that is deleted; one that somebody uses goes when it is given back.
    synchronized void forget(String location) {
        Copy copy = copies.get(hash(location));
        if (copy != null) {
            copy.unwanted = true;
            tryToDrop(copy);
        }
    }

    /// Drops the copies that nobody has taken since, and nobody uses.
    synchronized void dropUnused(Instant since) {
        for (Copy copy : List.copyOf(copies.values())) {
            if (copy.unwanted || copy.path != null && wasUsedBefore(copy.path, since)) {
                tryToDrop(copy);
            }
        }
    }

    private static boolean wasUsedBefore(Path path, Instant since) {
        try {
            return Files.getLastModifiedTime(path).toInstant().isBefore(since);
        } catch (IOException _) {
            // It is gone, which the next one who takes it finds.
            return false;
        }
    }

    private void tryToDrop(Copy copy) {
        try {
            drop(copy);
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("A local copy can not be deleted; it is tried again");
        }
    }

    /// @return false where somebody uses it
    private boolean drop(Copy copy) throws IOException {
        if (copy.uses > 0 || copy.path == null) {
            return false;
        }
        Files.deleteIfExists(copy.path);
        remove(copy);
        return true;
    }

    /// Makes room for a copy that is about to be written.
    ///
    /// @throws CopyFailure where the others are all in use
    synchronized void reserve(Copy copy, long length, String location) throws IOException {
        makeRoom(length);
        if (bytes + length > bound) {
            throw new CopyFailure(
                    CopyFailure.Kind.TOO_LARGE,
                    location + " has " + length + " bytes; local copies may take " + bound + ", of which " + bytes
                            + " are in use",
                    null);
        }
        bytes += length;
        expectedBytes += length;
        copy.length = length;
    }

    /// The oldest go that nobody uses, until the bound is kept and the disk has room.
    private void makeRoom(long length) throws IOException {
        long usable = free.bytes() - expectedBytes;
        Iterator<Copy> oldest = List.copyOf(copies.values()).iterator();
        while ((bytes + length > bound || usable - length < LEFT_FREE_BYTES) && oldest.hasNext()) {
            Copy copy = oldest.next();
            if (drop(copy)) {
                usable += copy.length;
            }
        }
        if (length > 0 && usable - length < LEFT_FREE_BYTES) {
            throw new CopyFailure(
                    CopyFailure.Kind.DISK_FULL,
                    "A local copy of " + length + " bytes does not fit: " + usable + " bytes are free where " + folder
                            + " is, and " + LEFT_FREE_BYTES + " of them are left to others",
                    null);
        }
    }

    /// A copy was written to the end.
    synchronized void placed(Copy copy, Path part) throws IOException {
        Path path = folder.resolve(copy.key + "-" + copy.length + ".parquet");
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
        copy.path = path;
        expectedBytes -= copy.length;
        copy.settled.countDown();
    }

    /// A copy could not be brought.
    synchronized void failed(Copy copy) {
        remove(copy);
        expectedBytes -= copy.length;
        copy.settled.countDown();
    }

    private void remove(Copy copy) {
        if (copies.remove(copy.key, copy)) {
            bytes -= copy.length;
        }
    }

    private static String hash(String location) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(location.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }
}
