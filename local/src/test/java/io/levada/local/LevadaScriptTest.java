package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `levada`, in a built home whose JDK says what it was started with.
class LevadaScriptTest {
    @TempDir
    private Path directory;

    private Path home;

    @BeforeEach
    void buildAHome() throws IOException {
        home = Files.createDirectories(directory.resolve("home"));
        Files.copy(Path.of("../levada"), home.resolve("levada"));
        Files.createDirectories(home.resolve("local/target/lib"));
        Files.createFile(home.resolve("local/target/levada.built"));
        Path programs = Files.createDirectories(directory.resolve("jdk/bin"));
        Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        for (String program : List.of("java", "javac")) {
            Path file = Files.writeString(programs.resolve(program), "#!/bin/sh\necho \"pid=$$ $*\"\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void removesTheTemporaryFilesOfProcessesThatAreGoneAndGivesTheNewOneAFolder() throws Exception {
        Files.createDirectory(directory.resolve("tmp"));
        Path own = Path.of(temporaryFolder(run()));
        Path alive = Files.createDirectories(
                own.resolveSibling(Long.toString(ProcessHandle.current().pid())));
        Files.writeString(own.resolve("library.so"), "left by a process that was killed");

        String started = run();

        assertThat(own).doesNotExist();
        assertThat(alive).isDirectory();
        assertThat(temporaryFolder(started))
                .startsWith(directory.resolve("tmp").toString())
                .endsWith("/" + started.substring("pid=".length(), started.indexOf(' ')));
    }

    @Test
    void startsWhereNoTemporaryFolderCanBeMade() throws Exception {
        Files.writeString(directory.resolve("tmp"), "no folder");

        assertThat(run()).contains("io.levada.local.Levada --version").doesNotContain("java.io.tmpdir");
    }

    private static String temporaryFolder(String started) {
        return started.replaceFirst("(?s).*-Djava.io.tmpdir=(\\S+).*", "$1");
    }

    private String run() throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("bash", home.resolve("levada").toString(), "--version").redirectErrorStream(true);
        builder.environment().put("LEVADA_JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().put("TMPDIR", directory.resolve("tmp").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }
}
