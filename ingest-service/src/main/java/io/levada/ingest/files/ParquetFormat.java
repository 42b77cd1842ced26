package io.levada.ingest.files;

import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Parquet, which DuckDB reads as it is.
final class ParquetFormat implements FileFormat {
    private final FileEngine engine;

    ParquetFormat(FileEngine engine) {
        this.engine = engine;
    }

    /// A column of a Parquet file.
    ///
    /// @param duckDbType as `DESCRIBE` names it
    public record Column(String name, String duckDbType) {
        private static final String DECIMAL = "DECIMAL(";

        /// The type that holds every value. A nested value and one without a counterpart is text.
        Type type() {
            if (duckDbType.startsWith(DECIMAL) && duckDbType.endsWith(")")) {
                String[] parts = duckDbType
                        .substring(DECIMAL.length(), duckDbType.length() - 1)
                        .split(",");
                return Types.DecimalType.of(Integer.parseInt(parts[0].strip()), Integer.parseInt(parts[1].strip()));
            }
            return switch (duckDbType) {
                case "BOOLEAN" -> Types.BooleanType.get();
                case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Types.IntegerType.get();
                case "BIGINT", "UINTEGER" -> Types.LongType.get();
                case "UBIGINT" -> Types.DecimalType.of(20, 0);
                case "FLOAT" -> Types.FloatType.get();
                case "DOUBLE" -> Types.DoubleType.get();
                case "BLOB" -> Types.BinaryType.get();
                case "UUID" -> Types.UUIDType.get();
                case "DATE" -> Types.DateType.get();
                case "TIME" -> Types.TimeType.get();
                case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS" -> Types.TimestampType.withoutZone();
                case "TIMESTAMP WITH TIME ZONE" -> Types.TimestampType.withZone();
                default -> Types.StringType.get();
            };
        }

        boolean nested() {
            return duckDbType.endsWith("]") || duckDbType.startsWith("STRUCT(") || duckDbType.startsWith("MAP(");
        }
    }

    @Override
    public Map<String, ColumnInference> columns(
            Path file, String name, Function<String, Set<ColumnInference.Kind>> possible) throws IOException {
        Map<String, ColumnInference> columns = new LinkedHashMap<>();
        try (Connection connection = engine.connect()) {
            for (Column column : columns(connection, file)) {
                ColumnInference inference = new ColumnInference();
                inference.add(column.type());
                columns.put(column.name(), inference);
            }
        } catch (SQLException e) {
            throw EngineFailure.ofParquet(e, engine);
        }
        return columns;
    }

    /// The columns of a file.
    ///
    /// @throws RefusedFile where a name can not be that of a column
    static List<Column> columns(Connection connection, Path file) throws SQLException, RefusedFile {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet described = statement.executeQuery("DESCRIBE FROM " + relation(file, false))) {
            while (described.next()) {
                columns.add(new Column(described.getString("column_name"), described.getString("column_type")));
            }
        }
        CsvFile.check(columns.stream().map(Column::name).toList());
        return columns;
    }

    /// @param numbered whether the rows' numbers from 0 are `file_row_number`
    static String relation(Path file, boolean numbered) {
        return "read_parquet(" + LakeSession.literal(file.toString())
                + ", hive_partitioning = false, file_row_number = " + numbered + ")";
    }
}
