package io.levada.ingest.files;

import io.levada.events.WrittenFile;
import io.levada.ingest.IngestError;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Turns one Parquet file into Parquet of its table: names, types and field ids are the table's. A value goes over
/// only where it comes back the same.
///
/// Not safe for use by several threads.
final class ParquetConversion {
    private final Connection connection;
    private final FileEngine engine;
    private final Path file;
    private final boolean onlyWanted;
    private final List<ParquetFormat.Column> columns;
    private final Map<String, String> values = new HashMap<>();
    private final String misfit;
    private final long records;
    private long misfits;

    /// Takes a row that has no place in the table.
    interface Misfitting {
        void take(long ordinal, byte[] row, String reason) throws IOException;
    }

    /// @param onlyWanted whether only the rows are taken whose ordinals stand in the connection's table `wanted`
    ParquetConversion(Connection connection, FileEngine engine, Path file, Table table, boolean onlyWanted)
            throws IOException {
        this.connection = connection;
        this.engine = engine;
        this.file = file;
        this.onlyWanted = onlyWanted;
        Map<String, Types.NestedField> byName = new HashMap<>();
        table.schema().columns().forEach(field -> byName.putIfAbsent(CsvFile.fold(field.name()), field));
        try {
            this.columns = ParquetFormat.columns(connection, file);
            this.records = onlyWanted
                    ? number("SELECT count(*) FROM wanted")
                    : number(
                            "SELECT num_rows FROM parquet_file_metadata(" + LakeSession.literal(file.toString()) + ")");
        } catch (SQLException e) {
            throw EngineFailure.ofParquet(e, engine);
        }
        StringJoiner cases = new StringJoiner(" ", "CAST(CASE ", " ELSE NULL END AS INTEGER)");
        cases.add("WHEN false THEN 0");
        for (int i = 0; i < columns.size(); i++) {
            Types.NestedField field = byName.get(CsvFile.fold(columns.get(i).name()));
            if (field == null) {
                throw new RefusedFile(
                        IngestError.FILES_NEW_COLUMNS,
                        "the table has no column " + columns.get(i).name());
            }
            String cell = LakeSession.quoted(columns.get(i).name());
            values.put(field.name(), value(columns.get(i), field.type(), cell));
            if (!columns.get(i).type().equals(field.type()) && !(field.type() instanceof Types.StringType)) {
                String cast = values.get(field.name());
                cases.add("WHEN " + cell + " IS NOT NULL AND (" + cast + " IS NULL OR TRY_CAST(" + cast + " AS "
                        + columns.get(i).duckDbType() + ") IS DISTINCT FROM " + cell + ") THEN " + i);
            }
        }
        this.misfit = cases.toString();
    }

    private static String value(ParquetFormat.Column column, Type type, String cell) {
        if (type instanceof Types.StringType) {
            return column.nested() ? "CAST(to_json(" + cell + ") AS VARCHAR)" : "CAST(" + cell + " AS VARCHAR)";
        }
        return "TRY_CAST(" + cell + " AS " + DuckDbTypes.of(type) + ")";
    }

    private String relation() {
        String rows = "(SELECT *, file_row_number + 1 AS o, " + misfit + " AS misfit FROM "
                + ParquetFormat.relation(file, true) + ")";
        return onlyWanted ? "(SELECT * FROM " + rows + " WHERE o IN (SELECT o FROM wanted))" : rows;
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /// Gives the rows that do not fit, as JSON.
    void misfits(Misfitting aside) throws IOException {
        StringJoiner row = new StringJoiner(", ", "to_json({", "})");
        columns.forEach(
                column -> row.add(LakeSession.literal(column.name()) + ": " + LakeSession.quoted(column.name())));
        String sql = "SELECT o, misfit, CAST(" + row + " AS VARCHAR) FROM " + relation()
                + " WHERE misfit IS NOT NULL ORDER BY o";
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                misfits++;
                aside.take(
                        found.getLong(1),
                        found.getString(3).getBytes(StandardCharsets.UTF_8),
                        "column '" + columns.get(found.getInt(2)).name()
                                + "': the value does not fit the table's type");
            }
        } catch (SQLException e) {
            throw EngineFailure.ofParquet(e, engine);
        }
    }

    /// Writes the rows that fit.
    void convert(RowParts parts) throws IOException {
        if (rows() < 0) {
            throw new RefusedFile(IngestError.FILES_NOT_PARQUET, "it holds more rows than its footer says");
        }
        if (rows() == 0) {
            return;
        }
        try {
            WrittenFile part = parts.write(connection, engine.scratch(), relation() + " WHERE misfit IS NULL", values);
            if (part.rows() != rows()) {
                throw new IOException(part.rows() + " rows were written of " + rows());
            }
        } catch (SQLException e) {
            throw EngineFailure.ofParquet(e, engine);
        }
    }

    /// How many rows fit.
    long rows() {
        return records - misfits;
    }
}
