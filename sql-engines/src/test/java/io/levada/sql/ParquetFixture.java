package io.levada.sql;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/// Writes Parquet files with field ids.
public final class ParquetFixture {
    private ParquetFixture() {}

    /// @param fieldIds as COPY's FIELD_IDS takes them, such as `{a: 1}`
    public static String write(Path file, String select, String fieldIds) throws Exception {
        Files.createDirectories(file.getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + select + ") TO " + LakeSession.literal(file.toString())
                    + " (FORMAT parquet, FIELD_IDS " + fieldIds + ")");
        }
        return file.toString();
    }
}
