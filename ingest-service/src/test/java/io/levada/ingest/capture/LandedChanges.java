package io.levada.ingest.capture;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.changes.Change;
import io.levada.ingest.files.LocalTables;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/// Rows of changes in a Parquet file, as landing writes them.
public final class LandedChanges {
    private LandedChanges() {}

    /// @param changes with a row after each
    /// @param name of the table and file
    /// @return the file's path
    public static String write(List<Change> changes, Path lake, String name) {
        Types.StructType struct =
                Objects.requireNonNull(changes.getFirst().after()).struct();
        List<RawSchema.Column> columns = struct.fields().stream()
                .map(field -> new RawSchema.Column(field.name(), field.type()))
                .toList();
        Table table = new LocalTables()
                .createOrEvolve(new TableSpec(
                        "raw." + name,
                        RawSchema.ofChanges(columns, List.of(columns.getFirst().name())),
                        List.of(RawColumns.INGESTION_DATE),
                        new LakeLayout(lake.toString()).rawTable("streamed", name),
                        Map.of()));
        try (ParquetFileWriter file = ParquetFileWriter.create(
                table, table.location() + "/streamed.parquet", RawColumns.INGESTION_DATE + "=2026-11-21")) {
            for (Change change : changes) {
                GenericRecord row = file.newRow();
                Record values = Objects.requireNonNull(change.after());
                for (Types.NestedField field : values.struct().fields()) {
                    row.setField(field.name(), values.getField(field.name()));
                }
                row.setField(RawColumns.INGESTION_DATE, LocalDate.of(2026, 11, 21));
                file.write(row);
            }
            WrittenFile written = file.finish();
            return written.path();
        }
    }
}
