package io.levada.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A small file system in memory that a test may fill without harm to others, where the system lets it mount one;
/// otherwise a plain folder.
public final class ScratchDisk implements AutoCloseable {
    private static final int CHUNK = 4 * 1024 * 1024;
    private static final String FILLER = "filler";

    private final Path folder;
    private final boolean mounted;

    private ScratchDisk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    /// @param size as `mount` takes it, such as `64m`
    public static ScratchDisk at(Path folder, String size) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return new ScratchDisk(
                folder, run("mount", "-t", "tmpfs", "-o", "size=" + size, "levada-test", folder.toString()));
    }

    /// Whether it can be filled.
    public boolean mounted() {
        return mounted;
    }

    public Path folder() {
        return folder;
    }

    /// Leaves no byte free.
    public void fill() throws IOException {
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

    public void empty() throws IOException {
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
