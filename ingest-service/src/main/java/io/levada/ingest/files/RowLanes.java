package io.levada.ingest.files;

import io.levada.events.WrittenFile;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Spreads the rows of one file over several writers, each on a thread of its own, while the caller reads on. One
/// writer
/// is used in place. What waits between reader and writers is bounded in rows and in bytes.
///
/// Not safe for use by several threads.
final class RowLanes implements AutoCloseable {
    private static final int BATCH_ROWS = 512;
    private static final int BATCH_BYTES = 1 << 20;
    private static final int WAITING_BATCHES = 4;
    private static final Batch END = new Batch(0);

    private final List<RowFiles> writers;
    private final int columns;
    private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(WAITING_BATCHES);
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private final @Nullable Object[] inPlace;
    private Batch batch;
    private boolean ended;
    private long rows;

    private static final class Batch {
        private final @Nullable Object[][] values;
        private final long[] lines;
        private int rows;
        private int bytes;

        Batch(int capacity) {
            this.values = new @Nullable Object[capacity][];
            this.lines = new long[capacity];
        }

        void writeTo(RowFiles writer) {
            for (int i = 0; i < rows; i++) {
                writer.write(values[i], lines[i]);
            }
        }
    }

    /// @param writers closed with this
    /// @param columns of the table
    RowLanes(List<RowFiles> writers, int columns) {
        this.writers = List.copyOf(writers);
        this.columns = columns;
        this.inPlace = new @Nullable Object[columns];
        this.batch = writers.size() == 1 ? END : new Batch(BATCH_ROWS);
        if (writers.size() > 1) {
            for (RowFiles writer : this.writers) {
                threads.add(Thread.ofPlatform().name("levada-files-writer").start(() -> drain(writer)));
            }
        }
    }

    private void drain(RowFiles writer) {
        try {
            for (Batch next = queue.take(); next != END; next = queue.take()) {
                if (failure.get() == null) {
                    attempt(next, writer);
                }
            }
            if (failure.get() == null) {
                attempt(null, writer);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Keeps a failure for the reader, and the lane alive, so that the reader never waits for a lane that is gone.
    private void attempt(@Nullable Batch next, RowFiles writer) {
        try {
            if (next == null) {
                writer.finish();
            } else {
                next.writeTo(writer);
            }
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    /// Where the next row's values go, by column of the table; holds what an earlier row left there.
    @Nullable
    Object[] values() {
        return threads.isEmpty() ? inPlace : new @Nullable Object[columns];
    }

    /// Adds a row.
    ///
    /// @param values what [#values()] gave, filled
    /// @param bytes about how much memory the row takes
    void add(@Nullable Object[] values, long line, int bytes) {
        rows++;
        if (threads.isEmpty()) {
            writers.getFirst().write(values, line);
            return;
        }
        Batch open = batch;
        open.values[open.rows] = values;
        open.lines[open.rows] = line;
        open.rows++;
        open.bytes += bytes;
        if (open.rows == BATCH_ROWS || open.bytes >= BATCH_BYTES) {
            hand(open);
            batch = new Batch(BATCH_ROWS);
        }
    }

    private void hand(Batch full) {
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        put(full);
    }

    private void put(Batch next) {
        try {
            queue.put(next);
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    private static UncheckedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new UncheckedIOException(new InterruptedIOException("Interrupted while rows were written"));
    }

    long rows() {
        return rows;
    }

    /// The date in the paths of the run.
    LocalDate ingestionDate() {
        return writers.getFirst().ingestionDate();
    }

    /// Closes and syncs all parts.
    List<WrittenFile> finish() {
        if (!threads.isEmpty()) {
            hand(batch);
            end();
            RuntimeException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
        }
        return writers.stream()
                .flatMap(writer -> writer.finish().stream())
                .sorted(Comparator.comparing(WrittenFile::path))
                .toList();
    }

    private void end() {
        ended = true;
        threads.forEach(_ -> put(END));
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    /// Closes open parts without offering them.
    @Override
    public void close() {
        if (!ended && !threads.isEmpty()) {
            failure.compareAndSet(null, new IllegalStateException("Closed before its end"));
            end();
        }
        writers.forEach(RowFiles::close);
    }
}
