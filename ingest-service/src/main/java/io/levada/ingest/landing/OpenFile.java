package io.levada.ingest.landing;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.changes.Change;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.ingest.quarantine.QuarantinedRow;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// The Parquet file that one change topic is being landed into, and the bad rows beside it: one schema, one ingestion
/// date, one range of offsets. A range that holds nothing but bad rows has no file.
final class OpenFile {
    /// Stands for the schema of a record that can not be read.
    static final int NO_SCHEMA = -1;

    private final RawTarget target;
    private final Table table;
    private final Map<String, String> renamed;
    private final int changeSchemaId;
    private final long startOffset;
    private final LocalDate date;
    private final long openedNanos;
    private final String runId = LakeLayout.newRunId();
    private final QuarantineWriter quarantine;
    private @Nullable ParquetFileWriter open;
    private long endOffset;

    /// @param changeSchemaId id of the schema of the changes, at the registry, or [#NO_SCHEMA]
    /// @param startOffset of the first record whose change may be in the file
    OpenFile(
            RawTarget target,
            int changeSchemaId,
            long startOffset,
            OffsetDateTime now,
            long nanos,
            QuarantineWriter quarantine) {
        this.target = target;
        this.table = target.table();
        this.renamed = target instanceof RawTarget.Ready ready ? ready.renamed() : Map.of();
        this.changeSchemaId = changeSchemaId;
        this.startOffset = startOffset;
        this.endOffset = startOffset;
        this.date = now.toLocalDate();
        this.openedNanos = nanos;
        this.quarantine = quarantine;
    }

    boolean takes(int schemaId, LocalDate today) {
        return (schemaId == NO_SCHEMA || changeSchemaId == schemaId) && date.equals(today);
    }

    private ParquetFileWriter writer() {
        ParquetFileWriter writer = open;
        if (writer == null) {
            writer = ParquetFileWriter.create(
                    table,
                    LakeLayout.rawFile(table.location(), date, runId, 0),
                    RawColumns.INGESTION_DATE + "=" + date);
            open = writer;
        }
        return writer;
    }

    /// @param offset after the change that is added or put aside now
    void takenTo(long offset) {
        endOffset = offset;
    }

    /// The offset after the newest change.
    long endOffset() {
        return endOffset;
    }

    /// Where the changes go.
    RawTarget target() {
        return target;
    }

    void putAside(QuarantinedRow row) {
        quarantine.add(row);
    }

    void add(Change change, OffsetDateTime now) {
        ParquetFileWriter writer = writer();
        GenericRecord row = writer.newRow();
        Record values = change.after() != null ? change.after() : change.before();
        if (values != null) {
            copy(values, row);
        }
        row.setField(RawColumns.OP, change.op());
        row.setField(RawColumns.POS, change.pos());
        row.setField(RawColumns.SOURCE_POS, change.sourcePos());
        row.setField(RawColumns.TS, change.commitTime());
        row.setField(RawColumns.TX, change.tx());
        row.setField(RawColumns.INGESTED_AT, now);
        row.setField(RawColumns.UNCHANGED, change.unchanged().isEmpty() ? null : renamed(change.unchanged()));
        if (change.oldKey() != null) {
            row.setField(RawColumns.OLD_KEY, oldKey(change.oldKey(), writer));
        }
        row.setField(RawColumns.INGESTION_DATE, date);
        writer.write(row);
    }

    private List<String> renamed(List<String> names) {
        return names.stream().map(name -> renamed.getOrDefault(name, name)).toList();
    }

    private void copy(Record from, GenericRecord to) {
        for (Types.NestedField field : from.struct().fields()) {
            String name = renamed.getOrDefault(field.name(), field.name());
            Types.NestedField target = to.struct().field(name);
            if (target != null) {
                to.setField(
                        name,
                        promoted(from.getField(field.name()), target.type().typeId()));
            }
        }
    }

    /// The value in the type that the table's column was widened to.
    private static @Nullable Object promoted(@Nullable Object value, Type.TypeID target) {
        return switch (value) {
            case Integer number when target == Type.TypeID.LONG -> number.longValue();
            case Float number when target == Type.TypeID.DOUBLE -> number.doubleValue();
            case null, default -> value;
        };
    }

    private GenericRecord oldKey(Record values, ParquetFileWriter writer) {
        GenericRecord key = GenericRecord.create(
                writer.schema().findType(RawColumns.OLD_KEY).asStructType());
        copy(values, key);
        return key;
    }

    long startOffset() {
        return startOffset;
    }

    long ageNanos(long nanos) {
        return nanos - openedNanos;
    }

    long bytes() {
        return open == null ? 0 : open.bytes();
    }

    long rows() {
        return open == null ? 0 : open.rows();
    }

    LocalDate date() {
        return date;
    }

    String runId() {
        return runId;
    }

    int tableSchemaId() {
        return table.schema().schemaId();
    }

    Table table() {
        return table;
    }

    List<WrittenFile> finish() {
        return open == null ? List.of() : List.of(open.finish());
    }

    QuarantineWriter quarantine() {
        return quarantine;
    }

    /// Closes the file without offering it.
    void discard(@Nullable RuntimeException because) {
        try {
            quarantine.close();
            if (open != null) {
                open.close();
            }
        } catch (RuntimeException e) {
            if (because != null) {
                because.addSuppressed(e);
            }
        }
    }
}
