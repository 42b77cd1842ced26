package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.lake.storage.StorageTrouble;
import java.io.EOFException;
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
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/// Reads the footers of many files, some at a time and in their order.
final class Footers implements AutoCloseable {
    private static final int AT_ONCE_ON_DISK = 8;

    /// An answer from a bucket takes longer, and costs the machine less.
    private static final int AT_ONCE_IN_A_BUCKET = 32;

    private final CrawlLocation location;
    private final int ahead;
    private final ExecutorService threads;

    /// What came of reading one.
    sealed interface Read {
        record Sound(ParquetMetadata footer) implements Read {}

        record Unreadable(CrawlProblem problem) implements Read {}

        /// The file is none of Parquet's.
        record Foreign(CrawlProblem problem) implements Read {}
    }

    Footers(CrawlLocation location) {
        this.location = location;
        int atOnce = location.isBucket() ? AT_ONCE_IN_A_BUCKET : AT_ONCE_ON_DISK;
        this.ahead = 2 * atOnce;
        this.threads = Executors.newFixedThreadPool(
                atOnce,
                Thread.ofPlatform().name("levada-crawl-footer-", 0).daemon().factory());
    }

    /// Calls for each file, on the caller's thread.
    ///
    /// @throws CrawlRefused where a bucket does not answer any more
    void forEach(List<FoundFile> files, BiConsumer<FoundFile, Read> taker) {
        Queue<Future<Read>> pending = new ArrayDeque<>();
        Iterator<FoundFile> next = files.iterator();
        for (FoundFile file : files) {
            while (pending.size() < ahead && next.hasNext()) {
                FoundFile read = next.next();
                pending.add(threads.submit(() -> read(read)));
            }
            taker.accept(file, taken(pending.remove()));
        }
    }

    private Read read(FoundFile file) {
        try {
            InputFile input = location.io().newInputFile(file.location(), file.bytes());
            if (!location.isBucket() && input.getLength() != file.bytes()) {
                return broken(
                        file,
                        "It has " + input.getLength() + " bytes now, and had " + file.bytes() + " when it was listed");
            }
            return new Read.Sound(Footer.read(input, file.bytes()).understood());
        } catch (Footer.BrokenFile e) {
            CrawlProblem problem =
                    new CrawlProblem(CatalogError.CRAWL_FILE_BROKEN, file.location(), String.valueOf(e.getMessage()));
            return e.isForeign() ? new Read.Foreign(problem) : new Read.Unreadable(problem);
        } catch (EOFException _) {
            return broken(file, "It is shorter than when it was listed");
        } catch (IOException | RuntimeException e) {
            return unread(file, e);
        }
    }

    private static Read broken(FoundFile file, String detail) {
        return new Read.Unreadable(new CrawlProblem(CatalogError.CRAWL_FILE_BROKEN, file.location(), detail));
    }

    /// A bucket that does not answer for one file will not for the next ones; a disk may.
    private Read unread(FoundFile file, Exception e) {
        return switch (StorageTrouble.of(e)) {
            case MISSING -> broken(file, "It is gone since it was listed");
            case FORBIDDEN ->
                new Read.Unreadable(
                        new CrawlProblem(CatalogError.CRAWL_FORBIDDEN, file.location(), CrawlLocation.words(e)));
            case AWAY -> {
                if (location.isBucket()) {
                    throw new CrawlRefused(CatalogError.CRAWL_STORAGE_AWAY, CrawlLocation.words(e));
                }
                yield new Read.Unreadable(
                        new CrawlProblem(CatalogError.CRAWL_STORAGE_AWAY, file.location(), CrawlLocation.words(e)));
            }
        };
    }

    private static Read taken(Future<Read> read) {
        try {
            return read.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The crawl was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CrawlRefused refused) {
                throw refused;
            }
            throw new IllegalStateException("A footer could not be read", e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
