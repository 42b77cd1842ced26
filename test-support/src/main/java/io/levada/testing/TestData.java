package io.levada.testing;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;

/// Public data sets that lie outside the repository. Tests over them are skipped where they are absent.
public final class TestData {
    private static final String VARIABLE = "LEVADA_TEST_DATA";

    private TestData() {}

    /// The folder of a data set below the folder that `LEVADA_TEST_DATA` names; the calling test is skipped, with a
    /// message, where there is none.
    public static Path directory(String name) {
        String root = System.getenv(VARIABLE);
        assumeThat(root)
                .as("%s is not set: it names the folder that holds %s", VARIABLE, name)
                .isNotNull();
        Path directory = Path.of(root).resolve(name).toAbsolutePath().normalize();
        assumeThat(Files.isDirectory(directory))
                .as("%s=%s holds no folder %s", VARIABLE, root, name)
                .isTrue();
        return directory;
    }
}
