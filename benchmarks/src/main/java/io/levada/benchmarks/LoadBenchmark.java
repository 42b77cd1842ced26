package io.levada.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import tools.jackson.databind.JsonNode;

/// The initial load of a table from PostgreSQL to committed Parquet, against a drain of COPY in the binary format by
/// pgjdbc that does nothing with the rows.
///
/// Levada's time runs from the first sign that the table is read to the commit that completes the raw table. Its
/// process is cold, so its CPU is also that of the compiler.
final class LoadBenchmark {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Path scratch;
    private final int rows;

    LoadBenchmark(Path scratch, int rows) {
        this.scratch = scratch;
        this.rows = rows;
    }

    List<Figure> run() throws Exception {
        try (SourceDatabase database = new SourceDatabase(scratch.resolve("postgres"))) {
            database.insert(1, rows);
            database.execute("VACUUM ANALYZE measured");
            drain(database);
            double copy = drain(database);
            Path project = Files.createDirectory(scratch.resolve("project"));
            Files.writeString(project.resolve("levada.yaml"), "flush: 5s\n" + database.yaml());
            try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
                long start = Poll.until("the table is read", () -> reads(pipeline));
                Duration before = cpu(pipeline);
                long end = Poll.until("all is committed", LOOK, () -> pipeline.rows("raw.pg_measured") == rows);
                double micros = cpu(pipeline).minus(before).toNanos() / 1e3 / rows;
                double levada = Poll.seconds(start, end);
                return List.of(
                        new Figure("rows", rows, "", ""),
                        new Figure("COPY binary alone", rows / copy, "rows/s", ""),
                        new Figure("Levada, first row to committed", rows / levada, "rows/s", ""),
                        new Figure("ratio", copy / levada, "", "0.4 or more"),
                        new Figure("CPU of the process for a row", micros, "us", "5 or less"));
            }
        }
    }

    private static boolean reads(Pipeline pipeline) throws Exception {
        for (JsonNode source : pipeline.ingest().path("sources")) {
            if (source.path("tables").path(0).path("rowsLoaded").asLong(0) > 0) {
                return true;
            }
        }
        return false;
    }

    private static Duration cpu(Pipeline pipeline) {
        return pipeline.process()
                .descendants()
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .reduce(pipeline.process().info().totalCpuDuration().orElse(Duration.ZERO), Duration::plus);
    }

    private static double drain(SourceDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            long start = System.nanoTime();
            CopyOut copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY measured TO STDOUT (FORMAT binary)");
            while (copy.readFromCopy() != null) {
                // Only the reading is measured.
            }
            return Poll.seconds(start, System.nanoTime());
        }
    }
}
