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
import java.util.ArrayList;
import java.util.List;

/// CSV files in a watched folder to committed Parquet, against DuckDB's own conversion: the first file of a process,
/// one file of a pipeline that runs, and several files at once.
final class CsvBenchmark {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int AT_ONCE = 4;

    private final Path scratch;
    private final int rows;
    private int files;
    private int landed;

    CsvBenchmark(Path scratch, int rows) {
        this.scratch = scratch;
        this.rows = rows;
    }

    List<Figure> run() throws Exception {
        Path first = generate();
        double megabytes = Files.size(first) / 1e6;
        double duckdb = convertWithDuckDb(first);
        Path project = Files.createDirectory(scratch.resolve("project"));
        Files.createDirectory(project.resolve("inbox"));
        Files.writeString(project.resolve("levada.yaml"), """
                flush: 1s
                sources:
                  sales:
                    type: files
                    path: inbox
                    format: csv
                    table: sales
                """);
        double cold;
        double warm;
        double together;
        try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
            Poll.until("the folder is watched", pipeline::ready);
            cold = land(project, pipeline, List.of(first));
            land(project, pipeline, List.of(generate()));
            warm = land(project, pipeline, List.of(generate()));
            List<Path> several = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                several.add(generate());
            }
            together = land(project, pipeline, several) / AT_ONCE;
        }
        return List.of(
                new Figure("file", megabytes, "MB", ""),
                new Figure("DuckDB", megabytes / duckdb, "MB/s", ""),
                new Figure("first file of a process, moved into folder to committed", megabytes / cold, "MB/s", ""),
                new Figure("ratio", duckdb / cold, "", ""),
                new Figure("third file", megabytes / warm, "MB/s", ""),
                new Figure("ratio", duckdb / warm, "", ""),
                new Figure(AT_ONCE + " more files at once", megabytes / together, "MB/s", ""),
                new Figure("ratio", duckdb / together, "", "0.5 or more"));
    }

    private Path generate() throws IOException {
        Path file = scratch.resolve("sales-" + files + ".csv");
        int from = files * rows;
        files++;
        try (Writer out = Files.newBufferedWriter(file)) {
            out.write("id,customer,amount,ratio,active,label,day,changed\n");
            for (int i = 0; i < rows; i++) {
                out.write(from + i + "," + i % 1000 + "," + i / 100 + "." + (10 + i % 90) + "," + i / 8.0 + ","
                        + (i % 2 == 0)
                        + ",label number " + (from + i) + ",2024-0" + (1 + i % 9) + "-" + (10 + i % 19)
                        + ",2024-05-01T10:"
                        + (10 + i % 50) + ":00Z\n");
            }
        }
        return file;
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

    /// Moves files into the folder.
    ///
    /// @return seconds until all rows of the files so far are committed
    private double land(Path project, Pipeline pipeline, List<Path> arriving) throws Exception {
        long start = System.nanoTime();
        for (Path file : arriving) {
            Files.move(file, project.resolve("inbox").resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
        landed += arriving.size();
        long wanted = (long) landed * rows;
        return Poll.seconds(
                start, Poll.until("all rows are committed", LOOK, () -> pipeline.rows("raw.sales_sales") == wanted));
    }
}
