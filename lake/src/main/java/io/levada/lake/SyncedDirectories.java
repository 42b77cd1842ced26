package io.levada.lake;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Folders whose entries survive a power cut.
final class SyncedDirectories {
    private SyncedDirectories() {}

    /// Creates the folder and those above it that are missing, and syncs the entry of each new one.
    static void create(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        @Nullable Path above = directory.toAbsolutePath();
        while (above != null && !Files.exists(above)) {
            missing.push(above);
            above = above.getParent();
        }
        Files.createDirectories(directory);
        for (Path created : missing) {
            Path parent = created.getParent();
            if (parent != null) {
                sync(parent);
            }
        }
    }

    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
