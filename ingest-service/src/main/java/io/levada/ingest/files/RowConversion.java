package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Turns the records of one file into rows of its table: a record goes over where each of its texts holds a value of
/// its column's type without loss, and is put aside where one does not.
///
/// Not safe for use by several threads.
final class RowConversion {
    private final FileRecords records;
    private final List<String> names = new ArrayList<>();
    private final List<Type> types = new ArrayList<>();
    private final List<ValueForm> forms = new ArrayList<>();

    /// Takes the current record of a reader, which is not whole or has a value that does not fit.
    interface Aside {
        void take(FileRecords record, FileRecords.Misfit misfit) throws IOException;
    }

    /// @param table has all columns of the records
    RowConversion(FileRecords records, Table table, FileTable definition) {
        this.records = records;
        Map<String, Types.NestedField> byName = new HashMap<>();
        table.schema().columns().forEach(field -> byName.putIfAbsent(CsvFile.fold(field.name()), field));
        for (String column : records.columns()) {
            Types.NestedField field = byName.get(CsvFile.fold(column));
            if (field == null) {
                throw new IllegalStateException(
                        "Table " + table.name() + " has no column '" + column + "'; load it anew");
            }
            names.add(field.name());
            types.add(field.type());
            forms.add(ValueForm.of(field.type(), definition.declares(field.name()))
                    .orElse((_, _, _, _) -> false));
        }
    }

    /// Writes all records.
    ///
    /// @param partBytes a part is made of about this much text
    /// @return how many rows were written
    long convert(RowParts parts, RowPositions positions, long partBytes, Aside aside) throws IOException {
        long accepted = 0;
        try (RowColumns columns =
                new RowColumns(parts, positions, names, () -> new RowBatch(types, forms), partBytes)) {
            RowBatch batch = columns.batch();
            while (records.next()) {
                FileRecords.Misfit misfit = read(batch);
                if (misfit != null) {
                    aside.take(records, misfit);
                    continue;
                }
                accepted++;
                if (batch.full() || batch.textBytes() >= partBytes) {
                    columns.add(batch);
                    batch = columns.batch();
                }
            }
            columns.add(batch);
            long written = columns.finish();
            if (written != accepted) {
                throw new RefusedFile(
                        IngestError.FILES_UNEXPECTED, written + " records were written where " + accepted + " are");
            }
        }
        return accepted;
    }

    private FileRecords.@Nullable Misfit read(RowBatch batch) {
        FileRecords.Misfit own = records.misfit();
        if (own != null) {
            return own;
        }
        batch.beginRow();
        int cell = records.read(batch);
        if (cell >= 0) {
            return new FileRecords.Misfit(
                    IngestError.FILES_BAD_VALUE,
                    "column '" + records.columns().get(cell) + "': the value is not a " + types.get(cell));
        }
        batch.endRow(records.ordinal(), records.length());
        return null;
    }
}
