package io.levada.benchmarks;

import io.levada.lake.LakeCatalog;
import io.levada.lake.TableSpec;
import io.levada.lake.WrittenFiles;
import io.levada.sql.FieldIds;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import tools.jackson.databind.JsonNode;

/// Compaction of many files of about 1 MB in a running pipeline, from the order to the last commit, against DuckDB's
/// own rewrite of the same files in the same run: once before and once after it, so that other work on the machine
/// meets both.
final class CompactionBenchmark {
    private static final String TABLE = "curated.small_files";

    /// Of so many rows of random values a file has about 1 MB.
    private static final int ROWS = 16_700;

    private static final Schema SCHEMA = new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "name", Types.StringType.get()),
            Types.NestedField.optional(3, "email", Types.StringType.get()),
            Types.NestedField.optional(4, "amount", Types.DecimalType.of(18, 2)),
            Types.NestedField.optional(5, "share", Types.DoubleType.get()),
            Types.NestedField.optional(6, "day", Types.DateType.get()),
            Types.NestedField.optional(7, "at", Types.TimestampType.withZone()),
            Types.NestedField.optional(8, "open", Types.BooleanType.get()));

    private final Path scratch;
    private final int files;

    CompactionBenchmark(Path scratch, int files) {
        this.scratch = scratch;
        this.files = files;
    }

    List<Figure> run() throws Exception {
        Path project = Files.createDirectories(scratch.resolve("compaction"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(
                project.resolve("levada.yaml"), "sources: {inbox: {type: files, path: inbox, table: none}}\n");
        Path data = scratch.resolve("data");
        try (Pipeline pipeline = Pipeline.run(project, data);
                Connection duckdb = DriverManager.getConnection("jdbc:duckdb:")) {
            Poll.until("the pipeline runs", pipeline::ready);
            List<String> paths = new ArrayList<>();
            double megabytes = fill(pipeline.catalog(), data.resolve("lake"), duckdb, paths) / 1e6;

            double before = rewrite(duckdb, paths, "before");
            long start = System.nanoTime();
            pipeline.post(2, "/v1/maintenance", "{\"table\": \"" + TABLE + "\"}");
            long end = Poll.until("the files are compacted", () -> isCompacted(pipeline));
            double own = Poll.seconds(start, end);
            double after = rewrite(duckdb, paths, "after");
            double plain = (before + after) / 2;
            return List.of(
                    new Figure("files", files, "", ""),
                    new Figure("size", megabytes, "MB", ""),
                    new Figure("DuckDB's own rewrite, before", megabytes / before, "MB/s", ""),
                    new Figure("DuckDB's own rewrite, after", megabytes / after, "MB/s", ""),
                    new Figure("compaction, order to commit", megabytes / own, "MB/s", ""),
                    new Figure("compaction to DuckDB", plain / own, "ratio", "0.5 or more"));
        }
    }

    /// @return bytes of the files
    private long fill(URI catalog, Path lake, Connection duckdb, List<String> paths) throws Exception {
        try (LakeCatalog tables = LakeCatalog.connect(catalog);
                Statement statement = duckdb.createStatement()) {
            Path location = lake.toAbsolutePath().resolve("curated/small_files");
            Table table = tables.createOrEvolve(new TableSpec(TABLE, SCHEMA, List.of(), location.toString(), Map.of()));
            Files.createDirectories(location.resolve("data"));
            AppendFiles append = table.newAppend();
            long bytes = 0;
            for (int i = 0; i < files; i++) {
                String path = location.resolve("data/small-" + i + ".parquet").toString();
                statement.execute("""
                        COPY (SELECT %d + range AS id, uuid()::VARCHAR AS name, md5(random()::VARCHAR) AS email,
                            (random() * 1e6)::DECIMAL(18, 2) AS amount, random() AS share,
                            DATE '2026-01-01' + (random() * 300)::INTEGER AS day,
                            TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_microseconds((random() * 1e13)::BIGINT) AS at,
                            random() < 0.5 AS open FROM range(%d))
                        TO '%s' (FORMAT parquet, COMPRESSION zstd, FIELD_IDS %s)""".formatted((long) i * ROWS, ROWS, path, FieldIds.of(SCHEMA)));
                append.appendFile(WrittenFiles.dataFile(path, table, null));
                bytes += Files.size(Path.of(path));
                paths.add(path);
            }
            append.commit();
            return bytes;
        }
    }

    /// @return seconds that it took
    private double rewrite(Connection duckdb, List<String> paths, String name) throws Exception {
        String list = paths.stream().collect(Collectors.joining("', '", "['", "']"));
        long start = System.nanoTime();
        try (Statement statement = duckdb.createStatement()) {
            statement.execute(
                    "COPY (SELECT * FROM read_parquet(%s)) TO '%s' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '128MB')"
                            .formatted(list, scratch.resolve("duckdb-" + name)));
        }
        return Poll.seconds(start, System.nanoTime());
    }

    /// The rewrite's commits are the end; the clean-up after them is not waited for.
    private static boolean isCompacted(Pipeline pipeline) throws Exception {
        for (JsonNode table : pipeline.get(2, "/v1/maintenance").path("tables")) {
            if (table.path("table").asString("").equals(TABLE)) {
                if (!table.path("problems").isEmpty()
                        || table.path("filesWritten").asLong() == 0) {
                    throw new IllegalStateException("The table was not compacted: " + table);
                }
                return true;
            }
        }
        return false;
    }
}
