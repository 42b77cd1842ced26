package io.levada.ingest.quarantine;

import io.levada.events.FileIdentity;
import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.OffsetRange;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.landing.RunManifest;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.jspecify.annotations.Nullable;

/// Collects the bad rows of one run straight into a Parquet file of `raw.quarantine`; memory does not grow with their
/// number. Table and file are made with the first row, so a clean run costs nothing.
///
/// Not safe for use by several threads.
public final class QuarantineWriter implements AutoCloseable {
    public static final String TABLE = "raw.quarantine";

    /// More of a row is not kept.
    public static final int MAX_RAW_BYTES = 64 * 1024;

    private static final String ROW_GROUP_BYTES = Integer.toString(8 * 1024 * 1024);

    private final Function<TableSpec, Table> tables;
    private final LakeLayout layout;
    private final Clock clock;
    private final Map<QuarantineCounts.Kind, Long> counts = new HashMap<>();
    private @Nullable OpenFile open;

    private record OpenFile(Table table, ParquetFileWriter writer, String runId, OffsetDateTime openedAt) {
        LocalDate ingestionDate() {
            return openedAt.toLocalDate();
        }
    }

    /// @param tables creates or evolves a table: `lakeCatalog::createOrEvolve`
    public QuarantineWriter(Function<TableSpec, Table> tables, LakeLayout layout) {
        this(tables, layout, Clock.systemUTC());
    }

    QuarantineWriter(Function<TableSpec, Table> tables, LakeLayout layout, Clock clock) {
        this.tables = tables;
        this.layout = layout;
        this.clock = clock;
    }

    /// The table of quarantined rows.
    public static TableSpec spec(LakeLayout layout) {
        return new TableSpec(
                TABLE,
                RawSchema.quarantine(),
                List.of(RawColumns.INGESTION_DATE),
                layout.root() + "/raw/_quarantine",
                Map.of(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, ROW_GROUP_BYTES));
    }

    public void add(QuarantinedRow row) {
        OpenFile file = file();
        GenericRecord values = file.writer().newRow();
        values.setField("source", row.source());
        values.setField("table_name", row.table());
        values.setField("position", row.position());
        values.setField("file", row.file());
        values.setField("line", row.line());
        values.setField("raw", ByteBuffer.wrap(row.raw(), 0, Math.min(row.raw().length, MAX_RAW_BYTES)));
        values.setField("code", row.code());
        values.setField("reason", row.reason());
        values.setField(RawColumns.INGESTED_AT, file.openedAt());
        values.setField(RawColumns.INGESTION_DATE, file.ingestionDate());
        file.writer().write(values);
        counts.merge(new QuarantineCounts.Kind(row.source(), row.table(), row.code()), 1L, Long::sum);
    }

    /// Rows since the last finish.
    public long rows() {
        return open == null ? 0 : open.writer().rows();
    }

    /// The rows since the last finish by kind; for after they were offered.
    public Map<QuarantineCounts.Kind, Long> counts() {
        return Map.copyOf(counts);
    }

    /// Closes the file, writes its manifest, and gives the event that offers it; empty where no row was added. The
    /// writer may be used again for the next run.
    ///
    /// @param ranges what the run read of change topics; empty where it read a file
    /// @param file what the run took in; null where it read ranges
    public Optional<FilesWritten> finish(List<OffsetRange> ranges, @Nullable FileIdentity file) {
        return finish((finished, written) -> FilesWritten.quarantine(
                finished.runId(), TABLE, finished.table().schema().schemaId(), List.of(written), ranges, file));
    }

    /// As [#finish(List, FileIdentity)], of a run that loaded a table.
    public Optional<FilesWritten> finish(LoadChunk chunk) {
        return finish((finished, written) -> FilesWritten.quarantine(
                finished.runId(), TABLE, finished.table().schema().schemaId(), List.of(written), chunk));
    }

    private Optional<FilesWritten> finish(BiFunction<OpenFile, WrittenFile, FilesWritten> event) {
        OpenFile finished = open;
        if (finished == null) {
            return Optional.empty();
        }
        open = null;
        counts.clear();
        FilesWritten offered = event.apply(finished, finished.writer().finish());
        RunManifest.write(finished.table().io(), layout, finished.ingestionDate(), finished.runId(), offered);
        return Optional.of(offered);
    }

    /// Forgets the rows since the last finish; their file stays, unreferenced.
    @Override
    public void close() {
        OpenFile abandoned = open;
        open = null;
        counts.clear();
        if (abandoned != null) {
            abandoned.writer().close();
        }
    }

    private OpenFile file() {
        OpenFile file = open;
        if (file == null) {
            Table table = tables.apply(spec(layout));
            OffsetDateTime openedAt = OffsetDateTime.now(clock.withZone(ZoneOffset.UTC));
            LocalDate date = openedAt.toLocalDate();
            String runId = LakeLayout.newRunId();
            ParquetFileWriter writer = ParquetFileWriter.create(
                    table,
                    LakeLayout.rawFile(table.location(), date, runId, 0),
                    RawColumns.INGESTION_DATE + "=" + date);
            file = new OpenFile(table, writer, runId, openedAt);
            open = file;
        }
        return file;
    }
}
