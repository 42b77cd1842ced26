package io.levada.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An archive of the product's classes as JVMs load them (class data sharing), with which a pipeline takes half of the
/// time to start. It is made once for all tests by a small pipeline beside them; those that start before it is there do
/// without.
final class ClassArchive {
    private static final List<String> QUIET = List.of("-Xlog:cds=off", "-Xlog:aot=off", "-Xlog:cds+dynamic=off");

    private final Path libraries;
    private final Path archive;

    private ClassArchive(Path libraries) {
        this.libraries = libraries;
        this.archive = libraries.resolveSibling("tests.jsa");
    }

    /// @param libraries the folder of the packaged product, which begins the class path
    static ClassArchive of(Path libraries) throws IOException {
        ClassArchive archive = new ClassArchive(libraries);
        archive.begin();
        return archive;
    }

    /// What a JVM takes that starts now.
    List<String> options() {
        if (Files.notExists(archive)) {
            return List.of();
        }
        List<String> options = new ArrayList<>(QUIET);
        options.add("-XX:SharedArchiveFile=" + archive);
        return options;
    }

    /// Begins to make it where nobody has.
    private void begin() throws IOException {
        Path work = archive.resolveSibling("tests-jsa");
        try {
            Files.createDirectory(work);
        } catch (FileAlreadyExistsException _) {
            return;
        }
        Path project = Files.createDirectory(work.resolve("project"));
        Files.createDirectory(project.resolve("inbox"));
        Files.writeString(project.resolve("inbox/rows.csv"), "id,name\n1,a\n");
        Files.writeString(project.resolve("rows.sql"), "SELECT name, count(*) AS n FROM raw.sales_rows GROUP BY name");
        Files.writeString(project.resolve("levada.yaml"), """
                project: archive
                flush: 200ms
                sources: {sales: {type: files, path: inbox, format: csv, table: rows}}
                tables: {curated.rows: {sql: rows.sql}}
                """);
        Path made = work.resolve("made.jsa");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx700m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dlevada.home=" + Path.of("..").toAbsolutePath().normalize(),
                "-XX:ArchiveClassesAtExit=" + made));
        command.addAll(QUIET);
        command.addAll(List.of(
                "-cp",
                libraries + "/*",
                Levada.class.getName(),
                "run",
                project.toString(),
                "--once",
                "--data",
                work.resolve("data").toString(),
                "--port",
                Integer.toString(PipelineProcess.freePorts().of(LevadaService.QUERY))));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("made.log").toFile())
                .start();
        process.onExit().orTimeout(5, TimeUnit.MINUTES).thenRun(() -> publish(made));
    }

    private void publish(Path made) {
        try {
            if (Files.exists(made)) {
                Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
