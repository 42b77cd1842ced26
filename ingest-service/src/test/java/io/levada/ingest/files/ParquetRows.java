package io.levada.ingest.files;

import io.levada.events.FilesWritten;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Reads written files back with DuckDB.
final class ParquetRows {
    private ParquetRows() {}

    /// The rows of a SELECT over the files, named `t`; values as text, NULL as `null`, joined by `|`.
    static List<String> query(Collection<FilesWritten> events, String select) throws SQLException {
        String files = events.stream()
                .flatMap(event -> event.files().stream())
                .map(file -> "'" + file.path() + "'")
                .collect(Collectors.joining(", "));
        return sql("WITH t AS (SELECT * FROM read_parquet([" + files
                + "], union_by_name=true, hive_partitioning=false)) " + select);
    }

    static void write(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static List<String> sql(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone='UTC'");
            ResultSet rows = statement.executeQuery(sql);
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                all.add(String.join("|", values));
            }
            return all;
        }
    }
}
