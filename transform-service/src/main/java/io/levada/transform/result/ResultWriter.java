package io.levada.transform.result;

import io.levada.events.WrittenFile;
import io.levada.lake.storage.EngineFiles;
import io.levada.sql.DuckDbTypes;
import io.levada.sql.FieldIds;
import io.levada.sql.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Writes a SELECT's result as Parquet files of a table, within the engine: rows do not pass through the Java heap.
///
/// Files are `<table>/data/run_id=<id>/...`, with the table's field ids, one or more per partition value; they and the
/// folders that hold them are synced, or uploaded to the table's bucket.
public final class ResultWriter {
    private static final String FILE_BYTES = "256MB";

    /// The engine writes a column of a row group as one page, and whoever reads a value holds the whole of it.
    private static final String ROW_GROUP_BYTES = "32MB";

    private ResultWriter() {}

    /// @param runId a new one: no attempt writes over another's files
    /// @param staging a folder that the session can write to, for results on their way into a bucket
    /// @return the files that have rows
    public static List<WrittenFile> write(
            LakeSession session, String select, ResultTable target, String runId, Path staging)
            throws SQLException, IOException {
        Table table = target.table();
        List<WrittenFile> files = new ArrayList<>();
        try (EngineFiles place = EngineFiles.of(table, staging)) {
            Path folder = place.path("data/run_id=" + runId);
            Files.createDirectories(folder);
            for (Path path : copy(session, select, target, folder)) {
                files.add(place.keep(path, partition(session, table, path)));
            }
        }
        return files;
    }

    private static List<Path> copy(LakeSession session, String select, ResultTable target, Path folder)
            throws SQLException, IOException {
        List<Path> paths = new ArrayList<>();
        try (Statement statement = session.connection().createStatement();
                ResultSet written = statement.executeQuery(copySql(select, target, folder))) {
            while (written.next()) {
                Path path = Path.of(written.getString("filename"));
                if (written.getLong("count") > 0) {
                    paths.add(path);
                } else {
                    Files.delete(path);
                }
            }
        }
        return paths;
    }

    private static String copySql(String select, ResultTable target, Path folder) {
        String columns = target.schema().columns().stream()
                .map(field -> "CAST(%1$s AS %2$s) AS %1$s"
                        .formatted(LakeSession.quoted(field.name()), DuckDbTypes.of(field.type())))
                .collect(Collectors.joining(", "));
        List<String> partitions = partitionColumns(target.table());
        String partitioning = partitions.isEmpty()
                ? ""
                : partitions.stream()
                        .collect(Collectors.joining(", ", ", PARTITION_BY (", "), WRITE_PARTITION_COLUMNS true"));
        return "COPY (SELECT %s FROM (%s\n)) TO %s (FORMAT parquet, COMPRESSION zstd%s, FILE_SIZE_BYTES '%s', "
                        .formatted(columns, select, LakeSession.literal(folder.toString()), partitioning, FILE_BYTES)
                + "ROW_GROUP_SIZE_BYTES '%s', FILENAME_PATTERN 'part-{i}', OVERWRITE_OR_IGNORE true, FIELD_IDS %s, RETURN_STATS)"
                        .formatted(ROW_GROUP_BYTES, FieldIds.of(target.schema()));
    }

    private static List<String> partitionColumns(Table table) {
        return table.spec().fields().stream()
                .map(field -> LakeSession.quoted(table.schema().findColumnName(field.sourceId())))
                .toList();
    }

    private static @Nullable PartitionData partition(LakeSession session, Table table, Path path) throws SQLException {
        if (table.spec().isUnpartitioned()) {
            return null;
        }
        String sql = "SELECT %s FROM read_parquet(%s, hive_partitioning = false) LIMIT 1"
                .formatted(String.join(", ", partitionColumns(table)), LakeSession.literal(path.toString()));
        try (Statement statement = session.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return PartitionValues.read(table.spec(), row);
        }
    }
}
