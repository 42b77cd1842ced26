package io.levada.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// How soon `./levada demo` answers its first query, and the memory it then takes. Linux only.
final class StartBenchmark {
    private final Path scratch;

    StartBenchmark(Path scratch) {
        this.scratch = scratch;
    }

    List<Figure> run() throws Exception {
        long start = System.nanoTime();
        try (Pipeline pipeline = Pipeline.demo(scratch.resolve("data"))) {
            long answered = Poll.until(
                    "sales_by_product answers",
                    () -> !pipeline.get(0, "/api/sales_by_product").isMissingNode());
            double atAnswer = residentMegabytes(pipeline.process());
            Poll.until("30 s of running have passed", () -> Poll.seconds(answered, System.nanoTime()) > 30);
            double jvm = kilobytes(pipeline.process(), "VmRSS") / 1024;
            return List.of(
                    new Figure("start to first answer", Poll.seconds(start, answered), "s", "30 or less"),
                    new Figure("resident at first answer, all processes", atAnswer, "MB", "2048 or less"),
                    new Figure(
                            "resident after 30 s, all processes",
                            residentMegabytes(pipeline.process()),
                            "MB",
                            "2048 or less"),
                    new Figure("  of that the JVM", jvm, "MB", ""),
                    new Figure("  most the JVM ever took", kilobytes(pipeline.process(), "VmHWM") / 1024, "MB", ""));
        }
    }

    /// The pipeline's process and PostgreSQL's, which are not its children: they are told by the folder that they run
    /// on. Pages that PostgreSQL's processes share count once for each of them.
    private double residentMegabytes(ProcessHandle root) {
        Stream<ProcessHandle> servers = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(scratch.toString()));
        return Stream.concat(Stream.of(root), servers)
                        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                        .distinct()
                        .filter(process ->
                                process.pid() != ProcessHandle.current().pid())
                        .mapToDouble(process -> kilobytes(process, "VmRSS"))
                        .sum()
                / 1024;
    }

    private static double kilobytes(ProcessHandle process, String field) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (NoSuchFileException _) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
