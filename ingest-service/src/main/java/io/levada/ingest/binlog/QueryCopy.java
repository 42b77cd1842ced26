package io.levada.ingest.binlog;

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
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Reads one table by a query whose rows stream, and writes it straight to Parquet.
///
/// The table is one chunk. The connection is in a transaction whose snapshot decides what is read.
public final class QueryCopy {
    private static final long TARGET_BYTES = 128L * 1024 * 1024;
    private static final int ROWS_PER_LOOK = 1_000;
    private static final int FETCHED_ROWS = 2_000;

    private final Connection connection;
    private final Table table;
    private final QuarantineWriter quarantine;
    private final Clock clock;

    /// @param quarantine for the rows that the lake can not hold; closed by the caller
    public QueryCopy(Connection connection, Table table, QuarantineWriter quarantine, Clock clock) {
        this.connection = connection;
        this.table = table;
        this.quarantine = quarantine;
        this.clock = clock;
    }

    /// Makes a value of the lake of the text that the database gives.
    @FunctionalInterface
    public interface TextReader {
        /// @throws IllegalArgumentException where there is none, with a message that does not name the value
        @Nullable
        Object value(@Nullable String text, Type type);
    }

    /// A column to read.
    ///
    /// @param expression SQL that yields it
    /// @param shown what a row in quarantine shows of it
    public record Column(String name, String expression, TextReader reader, UnaryOperator<@Nullable String> shown) {}

    /// Copies all rows of `from`; those with a value that has no exact counterpart in the lake go to quarantine.
    ///
    /// @param from the quoted source table
    /// @param progress is told what was read since the last time, now and then; bytes are those of the files
    public LoadedChunk copy(String from, List<Column> columns, LoadOrigin origin, LoadProgress progress)
            throws SQLException {
        String select = "SELECT "
                + String.join(", ", columns.stream().map(Column::expression).toList()) + " FROM " + from;
        Rows rows = new Rows(columns, origin);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCHED_ROWS);
            try (ResultSet result = statement.executeQuery(select)) {
                while (result.next()) {
                    rows.add(result);
                    if (rows.count % ROWS_PER_LOOK == 0) {
                        progress.read(ROWS_PER_LOOK, rows.bytesSince());
                    }
                }
            }
            progress.read(rows.count % ROWS_PER_LOOK, rows.bytesSince());
            return rows.finish();
        } catch (SQLException | RuntimeException e) {
            rows.discard();
            throw e;
        }
    }

    private final class Rows {
        private final List<Column> columns;
        private final LoadOrigin origin;
        private final String runId = LakeLayout.newRunId();
        private final List<WrittenFile> files = new ArrayList<>();
        private final Type[] types;
        private @Nullable ParquetFileWriter file;
        private LocalDate date = LocalDate.EPOCH;
        private final @Nullable Object[] values;
        private long count;
        private long written;
        private long toldBytes;

        Rows(List<Column> columns, LoadOrigin origin) {
            this.columns = columns;
            this.origin = origin;
            this.types = columns.stream()
                    .map(column -> table.schema().findType(column.name()))
                    .toArray(Type[]::new);
            this.values = new Object[types.length];
        }

        void add(ResultSet result) throws SQLException {
            count++;
            for (int i = 0; i < types.length; i++) {
                try {
                    values[i] = value(result, i);
                } catch (IllegalArgumentException e) {
                    putAside(result, "column " + columns.get(i).name() + ": " + e.getMessage());
                    return;
                }
            }
            write();
        }

        private @Nullable Object value(ResultSet result, int i) throws SQLException {
            if (types[i].typeId() == Type.TypeID.BINARY) {
                byte[] bytes = result.getBytes(i + 1);
                return bytes == null ? null : ByteBuffer.wrap(bytes);
            }
            return columns.get(i).reader().value(result.getString(i + 1), types[i]);
        }

        private @Nullable String text(ResultSet result, int i) throws SQLException {
            if (types[i].typeId() == Type.TypeID.BINARY) {
                byte[] bytes = result.getBytes(i + 1);
                return bytes == null ? null : "\\x" + HexFormat.of().formatHex(bytes);
            }
            return columns.get(i).shown().apply(result.getString(i + 1));
        }

        private void write() {
            OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
            ParquetFileWriter writer = writer(now);
            GenericRecord row = writer.newRow();
            for (int i = 0; i < types.length; i++) {
                row.setField(columns.get(i).name(), values[i]);
            }
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

        private void putAside(ResultSet result, String reason) throws SQLException {
            Map<String, @Nullable String> row = new LinkedHashMap<>();
            for (int i = 0; i < types.length; i++) {
                row.put(columns.get(i).name(), text(result, i));
            }
            quarantine.add(new QuarantinedRow(
                    origin.source(),
                    origin.chunk().table(),
                    origin.chunk().pos(),
                    null,
                    null,
                    JsonMapper.shared().writeValueAsBytes(row),
                    IngestError.CAPTURE_VALUE_UNMAPPED.code(),
                    reason));
        }

        /// What the files have grown since the last call.
        long bytesSince() {
            long bytes = (file == null ? 0 : file.bytes())
                    + files.stream().mapToLong(WrittenFile::bytes).sum();
            long since = Math.max(0, bytes - toldBytes);
            toldBytes = bytes;
            return since;
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
