package io.levada.ingest.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Copies and renames that survive a power cut once they return.
final class SyncedFiles {
    private SyncedFiles() {}

    /// A name beside `target` that no one else uses.
    static Path temporary(Path target) {
        return target.resolveSibling("." + UUID.randomUUID() + ".part");
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(directory(to));
        Path temporary = temporary(to);
        Files.copy(from, temporary);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        move(temporary, to);
    }

    /// Renames within a file system, over an older file of that name.
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(directory(to), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directory(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is no file");
        }
        return parent;
    }
}
