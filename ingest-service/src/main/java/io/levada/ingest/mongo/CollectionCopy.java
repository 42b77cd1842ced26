package io.levada.ingest.mongo;

import io.levada.events.FilesWritten;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.ingest.capture.LoadOrigin;
import io.levada.ingest.capture.LoadProgress;
import io.levada.ingest.capture.LoadedChunk;
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
import java.util.function.Function;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Writes the documents of one step of a load to Parquet. A document with a new field ends a file; the next one has its
/// column. For one step, on one thread.
final class CollectionCopy {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;
    private static final int DOCUMENTS_PER_LOOK = 1_000;

    private final DocumentRows rows;
    private final Function<CollectionForm, Table> tables;
    private final QuarantineWriter quarantine;
    private final Clock clock;
    private final LoadOrigin origin;
    private final String runId = LakeLayout.newRunId();
    private final List<WrittenFile> files = new ArrayList<>();
    private Table table;
    private CollectionForm form;
    private @Nullable ParquetFileWriter file;
    private LocalDate date = LocalDate.EPOCH;
    private long count;
    private long written;
    private long toldBytes;

    /// @param form whose columns `table` has
    /// @param tables the raw table with the columns of a form
    CollectionCopy(
            DocumentRows rows,
            CollectionForm form,
            Table table,
            Function<CollectionForm, Table> tables,
            QuarantineWriter quarantine,
            Clock clock,
            LoadOrigin origin) {
        this.rows = rows;
        this.form = form;
        this.table = table;
        this.tables = tables;
        this.quarantine = quarantine;
        this.clock = clock;
        this.origin = origin;
    }

    LoadedChunk copy(Iterable<BsonDocument> documents, LoadProgress progress) {
        try {
            for (BsonDocument document : documents) {
                count++;
                switch (rows.row(document)) {
                    case DocumentRow.Read read -> write(read);
                    case DocumentRow.Refused(IngestError error, String reason) -> putAside(document, error, reason);
                }
                if (count % DOCUMENTS_PER_LOOK == 0) {
                    progress.read(DOCUMENTS_PER_LOOK, bytesSince());
                }
            }
            progress.read(count % DOCUMENTS_PER_LOOK, bytesSince());
            return finish();
        } catch (RuntimeException e) {
            discard();
            throw e;
        }
    }

    private void write(DocumentRow.Read read) {
        OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        ParquetFileWriter writer = writer(now, read.form());
        GenericRecord row = writer.newRow();
        read.values().forEach(row::setField);
        row.setField(RawColumns.OP, "r");
        row.setField(RawColumns.POS, origin.chunk().pos());
        row.setField(RawColumns.SOURCE_POS, origin.sourcePos());
        row.setField(RawColumns.TS, origin.readAt().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
        row.setField(RawColumns.INGESTED_AT, now);
        row.setField(RawColumns.LOAD, origin.chunk().generation());
        row.setField(RawColumns.INGESTION_DATE, date);
        writer.write(row);
        written++;
    }

    private ParquetFileWriter writer(OffsetDateTime now, CollectionForm wanted) {
        ParquetFileWriter open = file;
        boolean wider = !wanted.equals(form);
        boolean full = open != null && written % DOCUMENTS_PER_LOOK == 0 && open.bytes() > TARGET_BYTES;
        if (open != null && (wider || full || !now.toLocalDate().equals(date))) {
            files.add(open.finish());
            file = null;
            open = null;
        }
        if (wider) {
            table = tables.apply(wanted);
            form = wanted;
        }
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

    private void putAside(BsonDocument document, IngestError error, String reason) {
        quarantine.add(new QuarantinedRow(
                origin.source(),
                origin.chunk().table(),
                origin.chunk().pos(),
                null,
                null,
                JsonMapper.shared().writeValueAsBytes(rows.shown(document)),
                error.code(),
                reason));
    }

    private long bytesSince() {
        long bytes = (file == null ? 0 : file.bytes())
                + files.stream().mapToLong(WrittenFile::bytes).sum();
        long since = Math.max(0, bytes - toldBytes);
        toldBytes = bytes;
        return since;
    }

    private LoadedChunk finish() {
        if (file != null) {
            files.add(file.finish());
            file = null;
        }
        Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
        FilesWritten aside = quarantine.finish(origin.chunk()).orElse(null);
        return new LoadedChunk(runId, table.schema().schemaId(), files, written, aside, quarantined);
    }

    private void discard() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
