package io.levada.benchmarks;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/// A CSV file in a watched folder to committed Parquet, against DuckDB's own conversion of the same file.
final class CsvBenchmark {
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Path scratch;
    private final int rows;

    CsvBenchmark(Path scratch, int rows) {
        this.scratch = scratch;
        this.rows = rows;
    }

    List<Figure> run() throws Exception {
        Path file = scratch.resolve("sales.csv");
        generate(file);
        double megabytes = Files.size(file) / 1e6;
        double duckdb = convertWithDuckDb(file);
        double levada = land(file);
        return List.of(
                new Figure("file", megabytes, "MB", ""),
                new Figure("DuckDB", megabytes / duckdb, "MB/s", ""),
                new Figure("Levada, moved into folder to committed", megabytes / levada, "MB/s", ""),
                new Figure("ratio", duckdb / levada, "", "0.5 or more"));
    }

    private void generate(Path file) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            out.write("id,customer,amount,ratio,active,label,day,changed\n");
            for (int i = 0; i < rows; i++) {
                out.write(i + "," + i % 1000 + "," + i / 100 + "." + (10 + i % 90) + "," + i / 8.0 + "," + (i % 2 == 0)
                        + ",label number " + i + ",2024-0" + (1 + i % 9) + "-" + (10 + i % 19) + ",2024-05-01T10:"
                        + (10 + i % 50) + ":00Z\n");
            }
        }
    }

    private double convertWithDuckDb(Path file) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads = " + Runtime.getRuntime().availableProcessors());
            long start = System.nanoTime();
            statement.execute("COPY (SELECT * FROM read_csv('" + file + "')) TO '" + scratch.resolve("duckdb.parquet")
                    + "' (FORMAT parquet, COMPRESSION zstd)");
            return Poll.seconds(start, System.nanoTime());
        }
    }

    private double land(Path file) throws Exception {
        Path project = Files.createDirectory(scratch.resolve("project"));
        Path inbox = Files.createDirectory(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                flush: 1s
                sources:
                  sales:
                    type: files
                    path: inbox
                    format: csv
                    table: sales
                """);
        try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
            Poll.until("the folder is watched", pipeline::ready);
            long start = System.nanoTime();
            Files.move(file, inbox.resolve("sales.csv"), StandardCopyOption.ATOMIC_MOVE);
            return Poll.seconds(
                    start, Poll.until("all rows are committed", LOOK, () -> pipeline.rows("raw.sales_sales") == rows));
        }
    }
}
