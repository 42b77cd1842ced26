package io.levada.ingest.capture;

import io.levada.events.FilesWritten;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The rows of one chunk of a load on their way into Parquet files, and beside them those that are put aside. For one
/// chunk, on one thread.
public final class ChunkRows implements AutoCloseable {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;
    private static final int ROWS_PER_LOOK = 1_000;

    private final QuarantineWriter quarantine;
    private final Clock clock;
    private final LoadOrigin origin;
    private final LoadProgress progress;
    private final String runId = LakeLayout.newRunId();
    private final List<WrittenFile> files = new ArrayList<>();
    private Table table;
    private @Nullable ParquetFileWriter file;
    private LocalDate date = LocalDate.EPOCH;
    private long count;
    private long written;
    private long toldBytes;

    /// @param quarantine for the rows that the lake can not hold; closed by the caller
    /// @param progress is told what was read since the last time, now and then; bytes are those of the files
    public ChunkRows(Table table, QuarantineWriter quarantine, Clock clock, LoadOrigin origin, LoadProgress progress) {
        this.table = table;
        this.quarantine = quarantine;
        this.clock = clock;
        this.origin = origin;
        this.progress = progress;
    }

    /// What follows is written with the columns of this table.
    public void into(Table wider) {
        end();
        table = wider;
    }

    /// Writes a row.
    ///
    /// @param values sets the source's columns
    public void add(Consumer<GenericRecord> values) {
        OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        ParquetFileWriter writer = writer(now);
        GenericRecord row = writer.newRow();
        values.accept(row);
        row.setField(RawColumns.OP, "r");
        row.setField(RawColumns.POS, origin.chunk().pos());
        row.setField(RawColumns.SOURCE_POS, origin.sourcePos());
        row.setField(RawColumns.TS, origin.readAt().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
        row.setField(RawColumns.INGESTED_AT, now);
        row.setField(RawColumns.LOAD, origin.chunk().generation());
        row.setField(RawColumns.INGESTION_DATE, date);
        writer.write(row);
        written++;
        read();
    }

    /// Puts a row aside that the lake can not hold.
    ///
    /// @param shown what quarantine shows of it, by column
    public void putAside(Map<String, ? extends @Nullable Object> shown, IngestError code, String reason) {
        quarantine.add(new QuarantinedRow(
                origin.source(),
                origin.chunk().table(),
                origin.chunk().pos(),
                null,
                null,
                JsonMapper.shared().writeValueAsBytes(shown),
                code.code(),
                reason));
        read();
    }

    private void read() {
        count++;
        if (count % ROWS_PER_LOOK == 0) {
            progress.read(ROWS_PER_LOOK, bytesSince());
        }
    }

    private ParquetFileWriter writer(OffsetDateTime now) {
        ParquetFileWriter open = file;
        boolean full = open != null && written % ROWS_PER_LOOK == 0 && open.bytes() > TARGET_BYTES;
        if (full || !now.toLocalDate().equals(date)) {
            end();
        }
        open = file;
        if (open == null) {
            date = now.toLocalDate();
            open = ParquetFileWriter.create(
                    table,
                    LakeLayout.rawFile(table.location(), date, runId, files.size()),
                    RawColumns.INGESTION_DATE + "=" + date);
            file = open;
        }
        return open;
    }

    private void end() {
        if (file != null) {
            files.add(file.finish());
            file = null;
        }
    }

    /// What the files have grown since the last call.
    private long bytesSince() {
        long bytes = (file == null ? 0 : file.bytes())
                + files.stream().mapToLong(WrittenFile::bytes).sum();
        long since = Math.max(0, bytes - toldBytes);
        toldBytes = bytes;
        return since;
    }

    /// Closes the files: nothing more is added.
    public LoadedChunk finish() {
        progress.read(count % ROWS_PER_LOOK, bytesSince());
        end();
        Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
        FilesWritten aside = quarantine.finish(origin.chunk()).orElse(null);
        return new LoadedChunk(runId, table.schema().schemaId(), files, written, aside, quarantined);
    }

    /// Gives up a file that is still open: the chunk is not offered.
    @Override
    public void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
