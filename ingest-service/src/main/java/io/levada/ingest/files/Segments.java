package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Cuts the records of a file into segments. While one is used, the next is written.
///
/// Not safe for use by several threads.
final class Segments implements AutoCloseable {
    private final FileRecords records;
    private final Checks checks;
    private final long segmentBytes;
    private final Aside aside;
    private final Path[] files;
    private final boolean beside;
    private int turn;
    private boolean ended;
    private @Nullable FutureTask<Segment> ahead;

    /// What every record of a segment has passed.
    interface Checks {
        /// Null where the record's values fit.
        FileRecords.@Nullable Misfit misfit(FileRecords record);
    }

    /// Takes the current record of a reader, which is not whole or has a value that does not fit. Called by
    /// one thread at a time, and by none once the segments are closed.
    interface Aside {
        void take(FileRecords record, FileRecords.Misfit misfit) throws IOException;
    }

    /// A segment that is on disk until the next one is asked for.
    ///
    /// @param records how many it holds
    /// @param ordinals the sum of their ordinals
    /// @param last whether none follows
    record Segment(Path file, SegmentText.Dialect dialect, long bytes, long records, long ordinals, boolean last) {}

    /// @param one where each second segment is written; deleted on close
    /// @param other where the others are written
    /// @param beside whether another thread may read the records while a segment is used
    /// @param aside takes what is in no segment
    Segments(FileRecords records, Checks checks, Path one, Path other, long segmentBytes, boolean beside, Aside aside) {
        this.records = records;
        this.checks = checks;
        this.files = new Path[] {one, other};
        this.segmentBytes = segmentBytes;
        this.beside = beside;
        this.aside = aside;
    }

    /// The next segment, perhaps without a record.
    Segment next() throws IOException {
        FutureTask<Segment> current = ahead == null ? start() : ahead;
        ahead = null;
        Segment segment = finished(current);
        if (!segment.last()) {
            ahead = start();
        }
        return segment;
    }

    private FutureTask<Segment> start() {
        FutureTask<Segment> task = new FutureTask<>(this::write);
        if (beside) {
            Thread.ofPlatform().name("levada-files-segments").start(task);
        } else {
            task.run();
        }
        return task;
    }

    private static Segment finished(FutureTask<Segment> task) throws IOException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IOException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the records of a file are read", e);
        }
    }

    private Segment write() throws IOException {
        Path file = files[turn];
        turn = 1 - turn;
        try (SegmentText text = new SegmentText(file, records.dialect())) {
            while (!ended && text.bytes() < segmentBytes) {
                ended = !records.next();
                if (!ended) {
                    FileRecords.Misfit own = records.misfit();
                    FileRecords.Misfit misfit = own == null ? checks.misfit(records) : own;
                    if (misfit == null) {
                        text.add(records);
                    } else {
                        aside.take(records, misfit);
                    }
                }
            }
            return new Segment(file, records.dialect(), text.bytes(), text.records(), text.ordinals(), ended);
        }
    }

    @Override
    public void close() throws IOException {
        FutureTask<Segment> current = ahead;
        if (current != null) {
            try {
                finished(current);
            } catch (IOException | RuntimeException _) {
                // nobody asked for it
            }
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
