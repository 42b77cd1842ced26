package io.levada.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/// Folders whose entries survive a power cut.
final class SyncedDirectories {
    private SyncedDirectories() {}

    /// Creates the folder of a file and those above it that are missing, and syncs the entry of each new one.
    static void createFor(Path file) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path above = file.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            missing.push(above);
            above = above.getParent();
        }
        for (Path folder : missing) {
            Files.createDirectories(folder);
            syncEntry(folder);
        }
    }

    /// Syncs the entry of a file or folder in the folder that it lies in.
    static void syncEntry(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
