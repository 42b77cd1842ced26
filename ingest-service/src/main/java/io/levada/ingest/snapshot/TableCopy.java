package io.levada.ingest.snapshot;

import io.levada.events.FilesWritten;
import io.levada.events.LoadChunk;
import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineCounts;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import tools.jackson.databind.json.JsonMapper;

/// Reads one table by COPY and writes it straight to Parquet.
///
/// The table is one chunk so far. The connection is in a transaction whose snapshot decides what is read.
public final class TableCopy {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;
    private static final int ROWS_PER_LOOK = 1_000;

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

    /// A column to read.
    ///
    /// @param expression SQL that yields it
    public record Column(String name, String expression) {}

    /// What every row of a load carries beside its columns.
    ///
    /// @param source the source's name
    /// @param table the raw table
    /// @param pos `_pos`: every change after it wins
    /// @param sourcePos the database's log position of the snapshot
    public record Origin(String source, String table, int generation, String pos, String sourcePos, Instant readAt) {}

    /// Copies all rows of `from`; those with a value that has no exact counterpart in the lake go to quarantine.
    ///
    /// @param from the quoted source table
    /// @param progress is told the rows read so far, now and then
    /// @throws SQLException where the server fails, or says that it copied another number of rows than arrived
    public LoadedTable copy(String from, List<Column> columns, Origin origin, LongConsumer progress)
            throws SQLException {
        String select = "COPY (SELECT "
                + String.join(", ", columns.stream().map(Column::expression).toList()) + " FROM " + from
                + ") TO STDOUT";
        Rows rows = new Rows(columns, origin);
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(select);
        try {
            for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
                rows.add(row);
                if (rows.count % ROWS_PER_LOOK == 0) {
                    progress.accept(rows.count);
                }
            }
            progress.accept(rows.count);
            rows.requireAll(copy.getHandledRowCount());
            return rows.finish();
        } catch (SQLException | RuntimeException e) {
            rows.discard();
            if (copy.isActive()) {
                copy.cancelCopy();
            }
            throw e;
        }
    }

    private final class Rows {
        private final List<Column> columns;
        private final Origin origin;
        private final String runId = LakeLayout.newRunId();
        private final List<WrittenFile> files = new ArrayList<>();
        private final Type[] types;
        private @Nullable ParquetFileWriter file;
        private LocalDate date = LocalDate.EPOCH;
        private final @Nullable Object[] values;
        private long count;
        private long written;

        Rows(List<Column> columns, Origin origin) {
            this.columns = columns;
            this.origin = origin;
            this.types = columns.stream()
                    .map(column -> table.schema().findType(column.name()))
                    .toArray(Type[]::new);
            this.values = new Object[types.length];
        }

        void add(byte[] copied) {
            @Nullable String[] fields = CopyText.fields(copied, types.length);
            count++;
            for (int i = 0; i < types.length; i++) {
                try {
                    values[i] = PostgresText.value(fields[i], types[i]);
                } catch (IllegalArgumentException e) {
                    putAside(fields, "column " + columns.get(i).name() + ": " + e.getMessage());
                    return;
                }
            }
            write();
        }

        private void write() {
            OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
            ParquetFileWriter writer = writer(now);
            GenericRecord row = writer.newRow();
            for (int i = 0; i < types.length; i++) {
                row.setField(columns.get(i).name(), values[i]);
            }
            row.setField(RawColumns.OP, "r");
            row.setField(RawColumns.POS, origin.pos());
            row.setField(RawColumns.SOURCE_POS, origin.sourcePos());
            row.setField(RawColumns.TS, origin.readAt().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
            row.setField(RawColumns.INGESTED_AT, now);
            row.setField(RawColumns.LOAD, origin.generation());
            row.setField(RawColumns.INGESTION_DATE, date);
            writer.write(row);
            written++;
        }

        private void putAside(@Nullable String[] fields, String reason) {
            Map<String, @Nullable String> row = new LinkedHashMap<>();
            for (int i = 0; i < fields.length; i++) {
                row.put(columns.get(i).name(), fields[i]);
            }
            quarantine.add(new QuarantinedRow(
                    origin.source(),
                    origin.table(),
                    origin.pos(),
                    null,
                    null,
                    JsonMapper.shared().writeValueAsBytes(row),
                    IngestError.CAPTURE_VALUE_UNMAPPED.code(),
                    reason));
        }

        /// @param copied what the server counted; negative where it did not say
        void requireAll(long copied) throws SQLException {
            if (written + quarantine.rows() != count || copied >= 0 && copied != count) {
                throw new SQLException("Of " + copied + " rows that the server copied, " + count + " arrived, "
                        + written + " were written and " + quarantine.rows() + " put aside");
            }
        }

        private ParquetFileWriter writer(OffsetDateTime now) {
            ParquetFileWriter open = file;
            if (open != null
                    && (!now.toLocalDate().equals(date)
                            || written % ROWS_PER_LOOK == 0 && open.bytes() > TARGET_BYTES)) {
                files.add(open.finish());
                open = null;
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

        LoadedTable finish() {
            if (file != null) {
                files.add(file.finish());
                file = null;
            }
            Map<QuarantineCounts.Kind, Long> quarantined = quarantine.counts();
            FilesWritten aside = quarantine
                    .finish(new LoadChunk(origin.table(), origin.generation(), 0, 1, origin.pos(), null))
                    .orElse(null);
            return new LoadedTable(runId, table.schema().schemaId(), files, written, aside, quarantined);
        }

        void discard() {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
