package io.levada.ingest.files;

import io.levada.events.FileIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies of arrived files of one source, which nothing outside changes. A copy lies here from before its file is
/// announced until its rows are offered.
final class Spool {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final int BUFFER_BYTES = 1 << 17;

    private final Path directory;

    Spool(Path directory) {
        this.directory = directory;
    }

    /// Size and time of a file: two equal ones mean that it did not change between.
    ///
    /// @param tag changes whenever the content does, as the place says; null where it says nothing of the kind
    record Signature(
            long bytes, long modifiedMillis, @Nullable String tag) {}

    /// A file where it lies.
    interface Original {
        InputStream open() throws IOException;

        /// Whether it is, after it was read, what it was when it was found.
        boolean unchanged() throws IOException;
    }

    /// What came of reading a file.
    sealed interface Reading {}

    /// The file was copied as a whole.
    ///
    /// @param copy where it was copied to
    record Complete(Path copy, String sha256, long bytes) implements Reading {}

    /// The file was read as a whole, where it lies.
    record Hashed(String sha256) implements Reading {}

    /// The file changed or went away meanwhile.
    record Discarded() implements Reading {}

    /// Copies a file to a temporary name, hashing it.
    ///
    /// @param expected how many bytes it is to have
    Reading copy(Original file, long expected) throws IOException {
        Files.createDirectories(directory);
        Path temporary = SyncedFiles.temporary(directory.resolve("copy"));
        boolean complete = false;
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            MessageDigest digest = sha256();
            long bytes = transfer(file, new DigestOutputStream(Channels.newOutputStream(channel), digest));
            channel.force(true);
            complete = bytes == expected && file.unchanged();
            return complete
                    ? new Complete(temporary, HexFormat.of().formatHex(digest.digest()), bytes)
                    : new Discarded();
        } finally {
            if (!complete) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /// Hashes a file where it lies.
    ///
    /// @param expected how many bytes it is to have
    static Reading hash(Original file, long expected) throws IOException {
        MessageDigest digest = sha256();
        long bytes = transfer(file, new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return bytes == expected && file.unchanged()
                ? new Hashed(HexFormat.of().formatHex(digest.digest()))
                : new Discarded();
    }

    private static long transfer(Original file, OutputStream out) throws IOException {
        long bytes = 0;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = file.open()) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                bytes += read;
            }
        }
        return bytes;
    }

    /// Gives a temporary copy the name of its file.
    void keep(Complete copy, FileIdentity file) throws IOException {
        SyncedFiles.move(copy.copy(), path(file));
    }

    /// Deletes a temporary copy that is of no use, as far as that is possible now: what stays is deleted by [#retain].
    void discard(Complete copy) {
        try {
            Files.deleteIfExists(copy.copy());
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("A temporary copy stays until the next start: {}", copy.copy());
        }
    }

    /// Where the copy of a file lies. The number is part of the name, so that two files of the same content do not
    /// share one.
    Path path(FileIdentity file) {
        return directory.resolve(name(file));
    }

    private static String name(FileIdentity file) {
        return "%08d-%s".formatted(file.number(), file.sha256());
    }

    void delete(FileIdentity file) throws IOException {
        Files.deleteIfExists(path(file));
    }

    /// Deletes what an earlier process left, except the copies of these files.
    void retain(List<FileIdentity> pending) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Set<String> names = Set.copyOf(pending.stream().map(Spool::name).toList());
        try (Stream<Path> copies = Files.list(directory)) {
            for (Path copy : copies.toList()) {
                if (!names.contains(String.valueOf(copy.getFileName()))) {
                    Files.deleteIfExists(copy);
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }

    /// Whether all of a copy is there: a copy is synced before its name is given, so its size tells.
    boolean holds(FileIdentity file, long bytes) throws IOException {
        Path copy = path(file);
        return Files.isRegularFile(copy) && Files.size(copy) == bytes;
    }
}
