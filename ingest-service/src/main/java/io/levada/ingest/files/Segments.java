package io.levada.ingest.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Cuts the records of a file into segments, one at a time.
final class Segments implements AutoCloseable {
    private final FileRecords records;
    private final Path file;
    private final long segmentBytes;
    private final Aside aside;
    private boolean ended;

    /// Takes the current record of a reader, which is not whole.
    interface Aside {
        void take(FileRecords record, FileRecords.Misfit misfit) throws IOException;
    }

    /// A segment that is on disk until the next one is asked for.
    ///
    /// @param records how many it holds
    /// @param ordinals the sum of their ordinals
    record Segment(Path file, SegmentText.Dialect dialect, long bytes, long records, long ordinals) {}

    /// @param file where each segment is written, over the one before; deleted on close
    /// @param aside takes what is in no segment
    Segments(FileRecords records, Path file, long segmentBytes, Aside aside) {
        this.records = records;
        this.file = file;
        this.segmentBytes = segmentBytes;
        this.aside = aside;
    }

    /// Writes the next segment; one without records is the last.
    Segment next() throws IOException {
        try (SegmentText text = new SegmentText(file, records.dialect())) {
            while (!ended && text.bytes() < segmentBytes) {
                ended = !records.next();
                if (!ended) {
                    FileRecords.Misfit misfit = records.misfit();
                    if (misfit == null) {
                        text.add(records);
                    } else {
                        aside.take(records, misfit);
                    }
                }
            }
            return new Segment(file, records.dialect(), text.bytes(), text.records(), text.ordinals());
        }
    }

    boolean ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
