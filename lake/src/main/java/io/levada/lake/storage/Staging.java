package io.levada.lake.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A folder of one process for what is on its way into a bucket. Nothing in it outlives the process.
public final class Staging {
    private Staging() {}

    /// Makes the folder, and deletes what an earlier process left there.
    public static void begin(Path folder) {
        try {
            Files.createDirectories(folder);
            List<Path> left;
            try (Stream<Path> paths = Files.walk(folder)) {
                left = paths.sorted(Comparator.reverseOrder())
                        .filter(path -> !path.equals(folder))
                        .toList();
            }
            for (Path path : left) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot clear " + folder, e);
        }
    }
}
