package io.levada.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Drops CSV files with the columns `id` (of its own for every row) and `text` into a folder until it is stopped.
final class FolderWorkload implements Runnable {
    private static final int ROWS = 40;
    private static final int PAUSE_MILLIS = 4_000;

    private final Path folder;
    private final Random random;
    private volatile int files;
    private volatile boolean stopped;

    FolderWorkload(Path folder, long seed) {
        this.folder = folder;
        this.random = new Random(seed);
    }

    @Override
    public void run() {
        try {
            for (int file = 0; !stopped; file++) {
                StringBuilder text = new StringBuilder("id,text\n");
                for (int row = 0; row < ROWS; row++) {
                    text.append(file * ROWS + row).append(",row\n");
                }
                Files.writeString(folder.resolve("drop-" + file + ".csv"), text);
                files = file + 1;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(PAUSE_MILLIS)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stop() {
        stopped = true;
    }

    /// The rows of all files so far.
    int rows() {
        return files * ROWS;
    }
}
