package io.levada.ingest.files;

import io.levada.events.RawColumns;
import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.lake.LocalFileIO;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Turns the records of one file into Parquet. Which values fit is told by their bytes, apart from DuckDB,
/// which then reads them; that it read each record is seen from what it wrote.
///
/// Not safe for use by several threads, except that another one may call [#misfit].
final class RowConversion implements Segments.Checks {
    private final Connection connection;
    private final RecordFormat format;
    private final List<String> columns;
    private final Types.NestedField[] fields;
    private final ValueForm.@Nullable Check[] checks;
    private final List<String> types = new ArrayList<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private long rows;

    /// @param columns of the file's records
    RowConversion(Connection connection, RecordFormat format, Table table, FileTable definition, List<String> columns) {
        this.connection = connection;
        this.format = format;
        this.columns = List.copyOf(columns);
        this.fields = new Types.NestedField[columns.size()];
        this.checks = new ValueForm.Check[columns.size()];
        Map<String, Types.NestedField> byName = new HashMap<>();
        table.schema().columns().forEach(field -> byName.putIfAbsent(CsvFile.fold(field.name()), field));
        for (int i = 0; i < fields.length; i++) {
            Types.NestedField field = byName.get(CsvFile.fold(columns.get(i)));
            if (field == null) {
                throw new IllegalStateException(
                        "Table " + table.name() + " has no column '" + columns.get(i) + "'; load it anew");
            }
            ValueForm form = form(field, "c" + i, definition);
            fields[i] = field;
            checks[i] = form.check();
            types.add(format.nulls().text() == null ? form.cell() : ValueForm.TEXT);
            values.put(field.name(), form.value());
        }
    }

    private ValueForm form(Types.NestedField field, String cell, FileTable definition) {
        boolean text = field.type() instanceof Types.StringType;
        String value = text || format.nulls().text() == null ? cell : "nullif(" + cell + ", '')";
        return ValueForm.of(field.type(), value, definition.declares(field.name()))
                .orElse(new ValueForm((_, _, _) -> false, ValueForm.TEXT, "NULL"));
    }

    @Override
    public FileRecords.@Nullable Misfit misfit(FileRecords record) {
        int cell = record.misfitting(checks);
        return cell < 0
                ? null
                : new FileRecords.Misfit(
                        IngestError.FILES_BAD_VALUE,
                        "column '" + columns.get(cell) + "': the value is not a " + fields[cell].type());
    }

    /// Writes the records of a segment.
    ///
    /// @throws RefusedFile where DuckDB found other records
    void convert(Segments.Segment segment, RowParts parts) throws SQLException, IOException {
        SegmentSql sql = new SegmentSql(types, format.nulls(), format.maxRecordBytes());
        WrittenFile part = parts.write(connection, sql.relation(segment), values);
        try (Statement statement = connection.createStatement();
                ResultSet counted = statement.executeQuery("SELECT count(" + RawColumns.LINE + "), sum("
                        + RawColumns.LINE + ")::BIGINT FROM read_parquet("
                        + LakeSession.literal(LocalFileIO.path(part.path()).toString())
                        + ", hive_partitioning = false)")) {
            counted.next();
            if (part.rows() != segment.records()
                    || counted.getLong(1) != segment.records()
                    || counted.getLong(2) != segment.ordinals()) {
                throw new RefusedFile(
                        IngestError.FILES_UNEXPECTED,
                        part.rows() + " records were read where " + segment.records() + " are");
            }
        }
        rows += segment.records();
    }

    long rows() {
        return rows;
    }
}
