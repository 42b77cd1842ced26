package io.levada.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How soon a committed row of PostgreSQL is seen over the HTTP API, in raw and in a curated table.
final class FreshnessBenchmark {
    private static final int ROWS = 20;

    private final Path scratch;

    FreshnessBenchmark(Path scratch) {
        this.scratch = scratch;
    }

    List<Figure> run() throws Exception {
        try (SourceDatabase database = new SourceDatabase(scratch.resolve("postgres"))) {
            database.insert(1, 1_000);
            Path project = Files.createDirectory(scratch.resolve("project"));
            Files.writeString(
                    project.resolve("levada.yaml"),
                    "flush: 1s\n" + database.yaml() + "tables:\n  curated.seen:\n    sql: seen.sql\n");
            Files.writeString(project.resolve("seen.sql"), "SELECT id, customer, amount FROM stage.pg_measured\n");
            try (Pipeline pipeline = Pipeline.run(project, scratch.resolve("data"))) {
                Poll.until("the pipeline streams", pipeline::ready);
                Poll.until("the first rows are curated", () -> sees(pipeline, "curated.seen", 1));
                return measure(database, pipeline);
            }
        }
    }

    private static List<Figure> measure(SourceDatabase database, Pipeline pipeline) throws Exception {
        List<Double> raw = new ArrayList<>();
        List<Double> curated = new ArrayList<>();
        for (int i = 1; i <= ROWS; i++) {
            long id = 10_000 + i;
            database.insert(id, id);
            long committed = System.nanoTime();
            raw.add(Poll.seconds(committed, Poll.until("raw", () -> sees(pipeline, "raw.pg_measured", id))));
            curated.add(Poll.seconds(committed, Poll.until("curated", () -> sees(pipeline, "curated.seen", id))));
        }
        raw.sort(null);
        curated.sort(null);
        return List.of(
                new Figure("raw, median of 20", raw.get(ROWS / 2), "s", "2 or less"),
                new Figure("raw, slowest of 20", raw.getLast(), "s", "2 or less"),
                new Figure("curated, median of 20", curated.get(ROWS / 2), "s", "4 or less"),
                new Figure("curated, slowest of 20", curated.getLast(), "s", "4 or less"));
    }

    private static boolean sees(Pipeline pipeline, String table, long id) throws Exception {
        return pipeline.query("SELECT count(*) FROM " + table + " WHERE id = " + id)
                        .asLong(0)
                > 0;
    }
}
