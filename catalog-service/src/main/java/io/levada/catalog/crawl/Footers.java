package io.levada.catalog.crawl;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.iceberg.io.FileIO;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.jspecify.annotations.Nullable;

/// Reads the footers of many files, some at a time and in their order.
final class Footers implements AutoCloseable {
    private static final int AT_ONCE = 8;
    private static final int AHEAD = 32;

    private final FileIO io;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_ONCE,
            Thread.ofPlatform().name("levada-crawl-footer-", 0).daemon().factory());

    /// @param footer null where the file is broken
    /// @param trouble why it is
    record Read(@Nullable ParquetMetadata footer, @Nullable String trouble) {}

    Footers(FileIO io) {
        this.io = io;
    }

    /// Calls for each file, on the caller's thread.
    void forEach(List<FoundFile> files, BiConsumer<FoundFile, Read> taker) {
        Queue<Future<Read>> ahead = new ArrayDeque<>();
        Iterator<FoundFile> next = files.iterator();
        for (FoundFile file : files) {
            while (ahead.size() < AHEAD && next.hasNext()) {
                FoundFile read = next.next();
                ahead.add(threads.submit(() -> read(read)));
            }
            taker.accept(file, taken(ahead.remove()));
        }
    }

    private Read read(FoundFile file) {
        try {
            org.apache.iceberg.io.InputFile input = io.newInputFile(file.location());
            long bytes = input.getLength();
            if (bytes != file.bytes()) {
                return new Read(
                        null, "It has " + bytes + " bytes now, and had " + file.bytes() + " when it was listed");
            }
            return new Read(Footer.read(input), null);
        } catch (IOException | RuntimeException e) {
            return new Read(null, "It is no Parquet file that can be read: " + e);
        }
    }

    private static Read taken(Future<Read> read) {
        try {
            return read.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The crawl was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("A footer could not be read", e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
