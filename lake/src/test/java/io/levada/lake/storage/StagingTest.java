package io.levada.lake.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StagingTest {
    @TempDir
    private Path directory;

    @Test
    void whatAKilledProcessLeftIsDeletedAtTheStart() throws Exception {
        Path folder = directory.resolve("uploads");
        Files.createDirectories(folder.resolve("run/part"));
        Files.writeString(folder.resolve("run/part/a.parquet"), "half");
        Files.writeString(folder.resolve("b.upload"), "half");
        Files.writeString(directory.resolve("kept"), "whole");

        Staging.begin(folder);

        assertThat(folder).isEmptyDirectory();
        assertThat(directory.resolve("kept")).exists();
    }

    @Test
    void makesTheFolder() {
        Staging.begin(directory.resolve("new/uploads"));

        assertThat(directory.resolve("new/uploads")).isEmptyDirectory();
    }
}
