package io.levada.ingest.files;

import io.levada.ingest.IngestError;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;

/// Turns the records of one file into Parquet. DuckDB reads the values; how many records there are, and that it found
/// each of them, is counted apart from it.
///
/// Not safe for use by several threads.
final class RowConversion {
    private final Connection connection;
    private final RecordFormat format;
    private final Table table;
    private final List<String> columns;
    private final Cell[] cells;
    private long rows;
    private long misfits;

    /// How a cell becomes a value of a column.
    private record Cell(Types.NestedField column, ValueForm form) {}

    /// Takes a record whose value does not fit.
    interface Misfitting {
        void take(FileRecords record, FileRecords.Misfit misfit) throws IOException;
    }

    /// @param columns of the file's records
    RowConversion(Connection connection, RecordFormat format, Table table, FileTable definition, List<String> columns)
            throws RefusedFile {
        this.connection = connection;
        this.format = format;
        this.table = table;
        this.columns = List.copyOf(columns);
        this.cells = new Cell[columns.size()];
        Map<String, Types.NestedField> byName = new HashMap<>();
        table.schema().columns().forEach(field -> byName.putIfAbsent(CsvFile.fold(field.name()), field));
        for (int i = 0; i < cells.length; i++) {
            Types.NestedField field = byName.get(CsvFile.fold(columns.get(i)));
            if (field == null) {
                throw new IllegalStateException(
                        "Table " + table.name() + " has no column '" + columns.get(i) + "'; load it anew");
            }
            cells[i] = new Cell(field, form(field, "c" + i, definition));
        }
    }

    private ValueForm form(Types.NestedField field, String cell, FileTable definition) {
        boolean text = field.type() instanceof Types.StringType;
        String value = text || format.nulls().text() == null ? cell : "nullif(" + cell + ", '')";
        return ValueForm.of(field.type(), value, definition.declares(field.name()))
                .orElse(new ValueForm("false", "NULL"));
    }

    /// Reads a segment and writes the rows that fit.
    void convert(Segments.Segment segment, RowParts parts) throws SQLException, IOException {
        SegmentSql sql = new SegmentSql(cells.length, format.nulls(), format.maxRecordBytes());
        execute("CREATE OR REPLACE TEMP TABLE segment AS SELECT o, " + typed() + ", " + firstMisfit()
                + " AS misfit FROM " + sql.relation(segment));
        long misfitting;
        try (Statement statement = connection.createStatement();
                ResultSet counted =
                        statement.executeQuery("SELECT count(*), count(misfit), sum(o)::BIGINT FROM segment")) {
            counted.next();
            misfitting = counted.getLong(2);
            if (counted.getLong(1) != segment.records() || counted.getLong(3) != segment.ordinals()) {
                throw new RefusedFile(
                        IngestError.FILES_UNEXPECTED,
                        counted.getLong(1) + " records were read where " + segment.records() + " are");
            }
        }
        long fitting = segment.records() - misfitting;
        if (misfitting > 0) {
            execute("CREATE TEMP TABLE IF NOT EXISTS misfits (o BIGINT, cell INTEGER)");
            execute("INSERT INTO misfits SELECT o, misfit FROM segment WHERE misfit IS NOT NULL");
        }
        if (fitting > 0) {
            parts.write(connection, "segment WHERE misfit IS NULL", values(), fitting);
        }
        rows += fitting;
        misfits += misfitting;
        execute("DROP TABLE segment");
    }

    private String firstMisfit() {
        StringJoiner cases = new StringJoiner(" ", "CAST(CASE ", " END AS INTEGER)");
        boolean any = false;
        for (int i = 0; i < cells.length; i++) {
            if (!cells[i].form().fits().isEmpty()) {
                cases.add("WHEN c" + i + " IS NOT NULL AND NOT ("
                        + cells[i].form().fits() + ") THEN " + i);
                any = true;
            }
        }
        return any ? cases.toString() : "CAST(NULL AS INTEGER)";
    }

    private Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i++) {
            values.put(cells[i].column().name(), "v" + i);
        }
        return values;
    }

    private String typed() {
        StringJoiner typed = new StringJoiner(", ");
        for (int i = 0; i < cells.length; i++) {
            typed.add(cells[i].form().value() + " AS v" + i);
        }
        return typed.toString();
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Reads the file once more and gives the records whose values did not fit; without such, does nothing.
    void misfits(Path file, String name, Misfitting aside) throws SQLException, IOException {
        if (misfits == 0) {
            return;
        }
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT o, cell FROM misfits ORDER BY o");
                FileRecords records = format.open(file, name, table)) {
            while (found.next()) {
                long ordinal = found.getLong(1);
                boolean there = records != null && records.next();
                while (there && records != null && records.ordinal() < ordinal) {
                    there = records.next();
                }
                if (!there || records == null) {
                    throw new IOException("Record " + ordinal + " of " + name + " is not found again");
                }
                Cell cell = cells[found.getInt(2)];
                aside.take(
                        records,
                        new FileRecords.Misfit(
                                IngestError.FILES_BAD_VALUE,
                                "column '" + columns.get(found.getInt(2)) + "': the value is not a "
                                        + cell.column().type()));
            }
        }
    }

    long rows() {
        return rows;
    }
}
