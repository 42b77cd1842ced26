package io.levada.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A small file system in memory that a test may fill without harm to others, where the system lets it mount one;
/// otherwise a plain folder.
final class ScratchDisk implements AutoCloseable {
    private static final String SIZE = "3g";
    private static final int CHUNK = 4 * 1024 * 1024;
    private static final String FILLER = "filler";

    private final Path folder;
    private final boolean mounted;

    private ScratchDisk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    static ScratchDisk at(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return new ScratchDisk(
                folder, run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "levada-delivery", folder.toString()));
    }

    /// Whether it can be filled.
    boolean mounted() {
        return mounted;
    }

    Path folder() {
        return folder;
    }

    /// Leaves no byte free.
    void fill() throws IOException {
        if (!mounted) {
            throw new IllegalStateException(folder + " is on a disk that others use");
        }
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        try (FileChannel channel =
                FileChannel.open(folder.resolve(FILLER), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int size = CHUNK; size >= 1; size /= 16) {
                fill(channel, chunk, size);
            }
        }
    }

    private static void fill(FileChannel channel, ByteBuffer chunk, int size) {
        try {
            while (true) {
                chunk.clear().limit(size);
                channel.write(chunk);
            }
        } catch (IOException _) {
            // It is full for writes of this size.
        }
    }

    void empty() throws IOException {
        Files.deleteIfExists(folder.resolve(FILLER));
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (mounted) {
            run("umount", "-l", folder.toString());
        }
    }
}
