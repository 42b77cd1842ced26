package io.levada.catalog.rest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Spark in a JVM of its own, with one catalog.
final class SparkProcess implements AutoCloseable {
    /// As Spark's own start scripts open them.
    private static final List<String> OPENED = List.of(
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.lang.reflect",
            "java.base/java.io",
            "java.base/java.net",
            "java.base/java.nio",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.util.concurrent.atomic",
            "java.base/jdk.internal.ref",
            "java.base/sun.nio.ch",
            "java.base/sun.nio.cs",
            "java.base/sun.security.action",
            "java.base/sun.util.calendar");

    private final Process process;
    private final BufferedReader answers;
    private final Writer statements;

    private SparkProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader();
        this.statements = process.outputWriter();
    }

    /// Starts it and waits until it takes statements.
    ///
    /// @param java the command of a Java that Spark runs on
    /// @param jars the folder of Spark's libraries
    /// @param folder for its log and what it writes on the way
    /// @param settings by name
    static SparkProcess start(String java, Path jars, Path folder, Map<String, String> settings) throws IOException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(List.of(java, "-Xmx1g", "-Duser.dir=" + folder.toAbsolutePath()));
        OPENED.forEach(each -> command.add("--add-opens=" + each + "=ALL-UNNAMED"));
        settings.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of(
                "-cp",
                jars.toAbsolutePath() + "/*",
                Path.of("src/test/spark/SparkStatements.java").toAbsolutePath().toString()));
        SparkProcess spark = new SparkProcess(new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("spark.log").toFile())
                .start());
        String first = spark.answers.readLine();
        if (!"ready".equals(first)) {
            spark.close();
            throw new IllegalStateException("Spark did not start: " + first + "\n" + tail(folder.resolve("spark.log")));
        }
        return spark;
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    /// The rows that a statement answers, their values separated by `|`.
    ///
    /// @throws IllegalStateException with Spark's message where it fails
    List<String> run(String statement) {
        try {
            statements.write(statement.replaceAll("\\s+", " ") + "\n");
            statements.flush();
            List<String> rows = new ArrayList<>();
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.equals("done")) {
                    return rows;
                }
                if (line.startsWith("failed ")) {
                    throw new IllegalStateException(line);
                }
                rows.add(line.substring("row ".length()));
            }
            throw new IllegalStateException("Spark ended");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void runAll(String... all) {
        Stream.of(all).forEach(this::run);
    }

    @Override
    public void close() throws IOException {
        statements.close();
        try {
            if (!process.waitFor(Duration.ofSeconds(30))) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
