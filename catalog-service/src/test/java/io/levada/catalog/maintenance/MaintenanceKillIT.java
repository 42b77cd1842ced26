package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.MaintenanceStep;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaintenanceKillIT {
    private static final String RAW = "raw.s_t";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(MaintenanceStep.class)
    void aKillAtAnyStepLosesNothingAndTheNextRunEndsTheWork(MaintenanceStep step) throws Exception {
        // Given a table with small files, many manifests, old snapshots and a stray file
        List<Long> ids = LongStream.range(0, 25).boxed().toList();
        Path stray;
        try (MaintainedLake lake = new MaintainedLake(directory)) {
            lake.createRaw(RAW);
            lake.table(RAW)
                    .updateProperties()
                    .set("commit.manifest-merge.enabled", "false")
                    .commit();
            ids.forEach(id -> lake.append(RAW, id));
            stray = Path.of(lake.table(RAW).location(), "data/run_id=stray/part-0000.parquet");
            Files.createDirectories(stray.getParent());
            Files.writeString(stray, "stray");
            age(lake.root());
        }

        // When the process is killed at the step
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HaltingMaintenance.class.getName(),
                        directory.toString(),
                        RAW,
                        step.name())
                .redirectErrorStream(true)
                .redirectOutput(new File(directory.toFile(), "halted.log"))
                .start();
        assertThat(process.waitFor()).isEqualTo(HaltingMaintenance.HALTED);

        // Then the rows are all there, and the next run leaves one file and no stray
        try (MaintainedLake lake = new MaintainedLake(directory)) {
            assertThat(lake.ids(RAW)).isEqualTo(ids);
            age(lake.root());
            lake.maintain(RAW, MaintainedLake.NO_STEPS);
            assertThat(lake.ids(RAW)).isEqualTo(ids);
            assertThat(lake.files(RAW)).hasSize(1);
            assertThat(stray).doesNotExist();
            assertThat(dataFiles(lake)).hasSize(1);
        }
    }

    /// The old files have gone with the snapshots that had them.
    private static List<Path> dataFiles(MaintainedLake lake) throws Exception {
        try (Stream<Path> paths = Files.walk(lake.root())) {
            return paths.filter(path -> path.toString().endsWith(".parquet")).toList();
        }
    }

    /// As if all that is there were written long ago.
    private static void age(Path root) throws Exception {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofDays(10))));
            }
        }
    }
}
