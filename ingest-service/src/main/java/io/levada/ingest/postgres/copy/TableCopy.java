package io.levada.ingest.postgres.copy;

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
import io.levada.lake.columns.ColumnarFile;
import io.levada.lake.columns.ValueColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import tools.jackson.databind.json.JsonMapper;

/// Reads a chunk of a table by COPY in the binary format and writes it straight to Parquet.
///
/// The connection is in a transaction whose snapshot decides what is read. For one chunk, on one thread.
public final class TableCopy {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;

    /// Row groups are held in memory until they are whole, one for each connection.
    private static final Map<String, String> FILE_SETTINGS =
            Map.of(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, Integer.toString(24 * 1024 * 1024));

    private static final int ROWS_PER_LOOK = 1_000;
    private static final int SIGNATURE_BYTES = 11;
    private static final int HEADER_BYTES = SIGNATURE_BYTES + 2 * Integer.BYTES;

    private final Connection connection;
    private final Table table;
    private final QuarantineWriter quarantine;
    private final Clock clock;

    /// @param quarantine for the rows that the lake can not hold; closed by the caller
    public TableCopy(Connection connection, Table table, QuarantineWriter quarantine, Clock clock) {
        this.connection = connection;
        this.table = table;
        this.quarantine = quarantine;
        this.clock = clock;
    }

    /// Copies the rows of queries; those with a value that has no exact counterpart in the lake go to quarantine.
    ///
    /// @param from what follows SELECT's list, for each query
    /// @throws SQLException where the server fails, or says that it copied another number of rows than arrived
    public LoadedChunk copy(List<String> from, List<CopyColumn> columns, LoadOrigin origin, LoadProgress progress)
            throws SQLException {
        String select =
                "COPY (SELECT " + columns.stream().map(CopyColumn::expression).collect(Collectors.joining(", ")) + " ";
        Rows rows = new Rows(
                columns.stream()
                        .map(column -> column.as(table.schema().findType(column.name())))
                        .toList(),
                origin,
                progress);
        try {
            for (String query : from) {
                copy(select + query + ") TO STDOUT (FORMAT binary)", rows);
            }
            return rows.finish();
        } catch (SQLException | RuntimeException e) {
            rows.discard();
            throw e;
        }
    }

    private void copy(String statement, Rows rows) throws SQLException {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
        try {
            long before = rows.count;
            int at = HEADER_BYTES;
            for (byte[] message = copy.readFromCopy(); message != null; message = copy.readFromCopy()) {
                // The header stands before the first row; the end is a field count of -1.
                if (at > 0 && CopyRow.int32(message, SIGNATURE_BYTES) != 0) {
                    throw new SQLException("COPY sends a binary format with flags that are not known");
                }
                if (message.length > at && CopyRow.int16(message, at) >= 0) {
                    rows.add(message, at);
                }
                at = 0;
            }
            rows.report();
            rows.requireAll(copy.getHandledRowCount(), rows.count - before);
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private final class Rows {
        private final CopyColumn[] decoders;
        private final LoadOrigin origin;
        private final LoadProgress progress;
        private final String runId = LakeLayout.newRunId();
        private final List<WrittenFile> files = new ArrayList<>();
        private final CopyRow row;
        private @Nullable ColumnarFile file;
        private ValueColumn[] targets = {};
        private LocalDate date = LocalDate.EPOCH;
        private long count;
        private long bytes;
        private long reportedRows;
        private long reportedBytes;
        private long written;

        Rows(List<CopyColumn> columns, LoadOrigin origin, LoadProgress progress) {
            this.decoders = columns.toArray(CopyColumn[]::new);
            this.origin = origin;
            this.progress = progress;
            this.row = new CopyRow(decoders.length);
        }

        void add(byte[] message, int at) {
            row.split(message, at);
            count++;
            bytes += message.length;
            for (int i = 0; i < decoders.length; i++) {
                try {
                    decoders[i].decode(row, i);
                } catch (IllegalArgumentException e) {
                    row.split(message, at);
                    putAside("column " + decoders[i].name() + ": " + e.getMessage());
                    return;
                }
            }
            ColumnarFile open = file;
            if (open == null || written % ROWS_PER_LOOK == 0) {
                report();
                open = look();
            }
            for (int i = 0; i < decoders.length; i++) {
                decoders[i].give(row, i, targets[i]);
            }
            open.endRow();
            written++;
        }

        void report() {
            progress.read(count - reportedRows, bytes - reportedBytes);
            reportedRows = count;
            reportedBytes = bytes;
        }

        private void putAside(String reason) {
            Map<String, @Nullable String> values = new LinkedHashMap<>();
            for (int i = 0; i < decoders.length; i++) {
                values.put(decoders[i].name(), CopyText.of(decoders[i], row, i));
            }
            quarantine.add(new QuarantinedRow(
                    origin.source(),
                    origin.chunk().table(),
                    origin.chunk().pos(),
                    null,
                    null,
                    JsonMapper.shared().writeValueAsBytes(values),
                    IngestError.CAPTURE_VALUE_UNMAPPED.code(),
                    reason));
        }

        /// @param copied what the server counted; negative where it did not say
        void requireAll(long copied, long arrived) throws SQLException {
            if (written + quarantine.rows() != count || copied >= 0 && copied != arrived) {
                throw new SQLException("Of " + copied + " rows that the server copied, " + arrived
                        + " arrived; of all, " + count + ", " + written + " were written and " + quarantine.rows()
                        + " put aside");
            }
        }

        /// The file for the next rows: a new one where the day is another one, or the last has its size.
        private ColumnarFile look() {
            Instant now = clock.instant();
            LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
            ColumnarFile open = file;
            if (open != null && (!today.equals(date) || open.bytes() > TARGET_BYTES)) {
                files.add(open.finish());
                open = null;
            }
            if (open == null) {
                date = today;
                open = ColumnarFile.create(
                        table,
                        LakeLayout.rawFile(table.location(), date, runId, files.size()),
                        RawColumns.INGESTION_DATE + "=" + date,
                        FILE_SETTINGS,
                        Arrays.stream(decoders).map(CopyColumn::target).toList(),
                        shared(now));
                file = open;
                targets = open.columns();
            }
            return open;
        }

        private Map<String, Object> shared(Instant openedAt) {
            Map<String, Object> values = new HashMap<>();
            values.put(RawColumns.OP, "r");
            values.put(RawColumns.POS, origin.chunk().pos());
            values.put(RawColumns.SOURCE_POS, origin.sourcePos());
            values.put(RawColumns.TS, ChronoUnit.MICROS.between(Instant.EPOCH, origin.readAt()));
            values.put(RawColumns.INGESTED_AT, ChronoUnit.MICROS.between(Instant.EPOCH, openedAt));
            values.put(RawColumns.LOAD, origin.chunk().generation());
            values.put(RawColumns.INGESTION_DATE, date.toEpochDay());
            return values;
        }

        LoadedChunk finish() {
            if (file != null) {
                files.add(file.finish());
                file = null;
            }
            Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
            FilesWritten aside = quarantine.finish(origin.chunk()).orElse(null);
            return new LoadedChunk(runId, table.schema().schemaId(), files, written, aside, quarantined);
        }

        void discard() {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
