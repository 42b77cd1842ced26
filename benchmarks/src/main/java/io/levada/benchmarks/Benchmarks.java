package io.levada.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/// Runs one measurement and prints its figures.
public final class Benchmarks {
    private Benchmarks() {}

    /// @param arguments the measurement's name, and for `streaming`, `csv` and `load` optionally the number of
    ///     rows, for `catalog` and `compaction` that of files
    public static void main(String[] arguments) throws Exception {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.setLevel(Level.WARN);
        }
        String name = arguments.length == 0 ? "" : arguments[0];
        Path scratch = Files.createTempDirectory("levada-benchmark");
        try {
            List<Figure> figures = switch (name) {
                case "streaming" -> new StreamingBenchmark(scratch, rows(arguments, 1_000_000)).run();
                case "csv" -> new CsvBenchmark(scratch, rows(arguments, 5_000_000)).run();
                case "load" -> new LoadBenchmark(scratch, rows(arguments, 2_000_000)).run();
                case "freshness" -> new FreshnessBenchmark(scratch).run();
                case "compaction" -> new CompactionBenchmark(scratch, rows(arguments, 1_000)).run();
                case "start" -> new StartBenchmark(scratch).run();
                case "catalog" -> new CatalogBenchmark(scratch, rows(arguments, 10_000)).run();
                case "snapshots" -> new SnapshotsBenchmark(scratch).run();
                default ->
                    throw new IllegalArgumentException(
                            "Usage: benchmarks/run streaming|csv|load|freshness|start|catalog|compaction|snapshots");
            };
            figures.forEach(figure -> System.out.println(figure.line()));
        } finally {
            delete(scratch);
        }
    }

    private static int rows(String[] arguments, int usual) {
        return arguments.length > 1 ? Integer.parseInt(arguments[1]) : usual;
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
