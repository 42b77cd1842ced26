package io.levada.ingest.snapshot;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
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
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/// Reads one table by COPY and writes it straight to Parquet.
///
/// The table is one chunk so far. The connection is in a transaction whose snapshot decides what is read.
public final class TableCopy {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;
    private static final int ROWS_PER_LOOK = 1_000;

    private final Connection connection;
    private final Table table;
    private final Clock clock;

    public TableCopy(Connection connection, Table table, Clock clock) {
        this.connection = connection;
        this.table = table;
        this.clock = clock;
    }

    /// A column to read.
    ///
    /// @param expression SQL that yields it
    public record Column(String name, String expression) {}

    /// What every row of a load carries beside its columns.
    ///
    /// @param pos `_pos`: every change after it wins
    /// @param sourcePos the database's log position of the snapshot
    public record Origin(int generation, String pos, String sourcePos, Instant readAt) {}

    /// Copies all rows of `from`.
    ///
    /// @param from the quoted source table
    /// @param progress is told the rows read so far, now and then
    /// @throws IllegalArgumentException where a value has no exact counterpart in the lake, with the column's name
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
        private long count;

        Rows(List<Column> columns, Origin origin) {
            this.columns = columns;
            this.origin = origin;
            this.types = columns.stream()
                    .map(column -> table.schema().findType(column.name()))
                    .toArray(Type[]::new);
        }

        void add(byte[] copied) {
            OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
            ParquetFileWriter writer = writer(now);
            GenericRecord row = writer.newRow();
            @Nullable String[] fields = CopyText.fields(copied, types.length);
            for (int i = 0; i < types.length; i++) {
                row.setField(columns.get(i).name(), value(i, fields[i]));
            }
            row.setField(RawColumns.OP, "r");
            row.setField(RawColumns.POS, origin.pos());
            row.setField(RawColumns.SOURCE_POS, origin.sourcePos());
            row.setField(RawColumns.TS, origin.readAt().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS));
            row.setField(RawColumns.INGESTED_AT, now);
            row.setField(RawColumns.LOAD, origin.generation());
            row.setField(RawColumns.INGESTION_DATE, date);
            writer.write(row);
            count++;
        }

        private @Nullable Object value(int column, @Nullable String text) {
            try {
                return CopyText.value(text, types[column]);
            } catch (ArithmeticException | IllegalArgumentException | java.time.DateTimeException e) {
                throw new IllegalArgumentException(
                        "row " + (count + 1) + ", column " + columns.get(column).name() + ": " + e.getMessage(), e);
            }
        }

        private ParquetFileWriter writer(OffsetDateTime now) {
            ParquetFileWriter open = file;
            if (open != null
                    && (!now.toLocalDate().equals(date) || count % ROWS_PER_LOOK == 0 && open.bytes() > TARGET_BYTES)) {
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
            return new LoadedTable(runId, table.schema().schemaId(), files, count);
        }

        void discard() {
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
