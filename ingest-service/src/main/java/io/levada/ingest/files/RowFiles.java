package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.util.Utf8;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The Parquet parts of one file's rows. Every row of a part has the time at which the part was opened.
///
/// Not safe for use by several threads.
final class RowFiles implements AutoCloseable {
    private static final int ROWS_BETWEEN_SIZE_CHECKS = 10_000;

    private final Table table;
    private final String runId;
    private final String path;
    private final RowPositions positions;
    private final AtomicInteger parts;
    private final long partBytes;
    private final Clock clock;
    private final int columnCount;
    private final int posColumn;
    private final int lineColumn;
    private final List<WrittenFile> finished = new ArrayList<>();
    private @Nullable ParquetFileWriter writer;
    private @Nullable LocalDate firstDate;
    private GenericRecord row;
    private long rows;

    /// @param path of the file that the rows come from, relative to its folder
    /// @param parts numbers the parts of the run, which several writers share
    RowFiles(
            Table table,
            String runId,
            String path,
            RowPositions positions,
            AtomicInteger parts,
            long partBytes,
            Clock clock) {
        this.table = table;
        this.runId = runId;
        this.path = path;
        this.positions = positions;
        this.parts = parts;
        this.partBytes = partBytes;
        this.clock = clock;
        this.columnCount = table.schema().columns().size();
        this.posColumn = column(RawColumns.POS);
        this.lineColumn = column(RawColumns.LINE);
        this.row = GenericRecord.create(table.schema());
    }

    /// The `_pos` of the rows of one file: source epoch, number of the file, ordinal of the record.
    record RowPositions(long fileNumber) {
        private static final int LINE_START = 26;
        private static final int LENGTH = 46;

        String at(long line) {
            return new String(bytes(line), StandardCharsets.ISO_8859_1);
        }

        /// As the Parquet writer takes it.
        Utf8 textAt(long line) {
            return new Utf8(bytes(line));
        }

        private byte[] bytes(long line) {
            byte[] text = new byte[LENGTH];
            text[0] = '0';
            text[1] = '0';
            text[2] = '0';
            text[3] = '1';
            text[4] = '-';
            digits(text, 5, fileNumber);
            text[LINE_START - 1] = '-';
            digits(text, LINE_START, line);
            return text;
        }

        private static void digits(byte[] text, int from, long number) {
            long rest = number;
            for (int i = from + 19; i >= from; i--) {
                text[i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
        }
    }

    /// @param values of the table's columns by position; those that Levada fills are ignored
    void write(@Nullable Object[] values, long line) {
        ParquetFileWriter part = writer;
        if (part == null || rows % ROWS_BETWEEN_SIZE_CHECKS == 0 && part.bytes() >= partBytes) {
            part = nextPart();
        }
        for (int i = 0; i < columnCount; i++) {
            Object value = values[i];
            if (value != null) {
                row.set(i, value);
            }
        }
        row.set(posColumn, positions.textAt(line));
        row.set(lineColumn, line);
        part.write(row);
        for (int i = 0; i < columnCount; i++) {
            if (values[i] != null) {
                row.set(i, null);
            }
        }
        rows++;
    }

    private ParquetFileWriter nextPart() {
        finishPart();
        OffsetDateTime openedAt = OffsetDateTime.now(clock.withZone(ZoneOffset.UTC));
        LocalDate date = openedAt.toLocalDate();
        if (firstDate == null) {
            firstDate = date;
        }
        ParquetFileWriter part = ParquetFileWriter.create(
                table,
                LakeLayout.rawFile(table.location(), date, runId, parts.getAndIncrement()),
                RawColumns.INGESTION_DATE + "=" + date);
        row = part.newRow();
        row.setField(RawColumns.OP, new Utf8("c"));
        row.setField(RawColumns.FILE, new Utf8(path));
        row.setField(RawColumns.INGESTED_AT, openedAt);
        row.setField(RawColumns.INGESTION_DATE, date);
        writer = part;
        return part;
    }

    private int column(String name) {
        Schema schema = table.schema();
        Types.NestedField field = schema.findField(name);
        return schema.columns().indexOf(field);
    }

    private void finishPart() {
        ParquetFileWriter part = writer;
        if (part != null) {
            writer = null;
            finished.add(part.finish());
        }
    }

    /// The date in the paths of the run: that of its first part, or today's where it has none.
    LocalDate ingestionDate() {
        return firstDate == null ? LocalDate.now(clock.withZone(ZoneOffset.UTC)) : firstDate;
    }

    long rows() {
        return rows;
    }

    /// Closes and syncs the last part.
    List<WrittenFile> finish() {
        finishPart();
        return List.copyOf(finished);
    }

    /// Closes an open part without offering it.
    @Override
    public void close() {
        ParquetFileWriter part = writer;
        writer = null;
        if (part != null) {
            part.close();
        }
    }
}
