package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.columns.ValueColumn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Gives batches of rows to the columns of Parquet files on a thread of its own, in their order, while the next ones
/// are read.
///
/// For one thread, which is the only one that may use the parts once [#finish()] or [#close()] has returned.
final class RowColumns implements AutoCloseable {
    /// One that is read, one that is written, one between them.
    private static final int BATCHES = 3;

    private final RowParts parts;
    private final List<String> columns;
    private final RowPositions.Text position;
    private final long partBytes;
    private final RowBatch end;
    private final BlockingQueue<RowBatch> empty = new LinkedBlockingQueue<>();
    private final BlockingQueue<RowBatch> filled = new LinkedBlockingQueue<>();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("levada-files-columns").factory());
    private final Future<Long> work;
    private volatile boolean givenUp;

    /// @param columns of the table, those of a batch's cells
    /// @param batches makes empty ones
    /// @param partBytes a part is made of about this much text
    RowColumns(
            RowParts parts, RowPositions positions, List<String> columns, Supplier<RowBatch> batches, long partBytes) {
        this.parts = parts;
        this.columns = List.copyOf(columns);
        this.position = positions.text();
        this.partBytes = partBytes;
        this.end = new RowBatch(List.of(), List.of());
        for (int i = 0; i < BATCHES; i++) {
            empty.add(batches.get());
        }
        this.work = writer.submit(this::write);
    }

    /// An empty batch, to be given to [#add] with rows.
    RowBatch batch() throws IOException {
        RowBatch next = taken(empty);
        if (next == end) {
            finished();
            throw new IllegalStateException("The thread that writes columns has ended");
        }
        return next;
    }

    void add(RowBatch batch) {
        filled.add(batch);
    }

    /// Writes what is left.
    ///
    /// @return how many rows were written in all
    long finish() throws IOException {
        filled.add(end);
        return finished();
    }

    private long finished() throws IOException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case UncheckedIOException cause -> throw cause.getCause();
                // What has nothing to do with the disk is the same each time.
                case RuntimeException cause -> throw unexpected(cause);
                case IOException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IOException(e);
            }
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    private static RefusedFile unexpected(RuntimeException cause) {
        return new RefusedFile(IngestError.FILES_UNEXPECTED, "its records could not be written: " + cause);
    }

    private static RowBatch taken(BlockingQueue<RowBatch> batches) throws IOException {
        try {
            return batches.take();
        } catch (InterruptedException _) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("Interrupted while the rows of a file are written");
    }

    private long write() throws IOException {
        ColumnarFile part = null;
        try {
            ValueColumn[] targets = {};
            long rows = 0;
            long bytes = 0;
            for (RowBatch batch = taken(filled); batch != end && !givenUp; batch = taken(filled)) {
                if (part == null && batch.rows() > 0) {
                    part = parts.open(columns);
                    targets = part.columns();
                    bytes = 0;
                }
                if (part != null) {
                    batch.giveTo(part, targets, position);
                    rows += batch.rows();
                    bytes += batch.textBytes();
                    part = ended(part, bytes >= partBytes);
                }
                batch.clear();
                empty.add(batch);
            }
            if (!givenUp) {
                part = ended(part, true);
            }
            return rows;
        } finally {
            if (part != null) {
                part.close();
            }
            empty.add(end);
        }
    }

    private @Nullable ColumnarFile ended(@Nullable ColumnarFile part, boolean whole) {
        if (part == null || !whole) {
            return part;
        }
        parts.end(part);
        return null;
    }

    /// Waits until nothing is written any more. Rows that were not finished are in no part.
    @Override
    public void close() {
        givenUp = true;
        filled.add(end);
        writer.close();
    }
}
