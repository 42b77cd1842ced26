package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.levada.catalog.CatalogError;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.MaintenanceSteps;
import io.levada.testing.ScratchDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Maintenance on a disk without a free byte: a file system of its own, which wants the right to mount one.
class FullDiskIT {
    private static final String RAW = "raw.s_t";
    private static final List<Long> IDS = LongStream.range(0, 25).boxed().toList();

    @TempDir
    private Path directory;

    private static TableReport maintain(MaintainedLake lake, MaintenanceSteps steps) {
        return lake.maintain(RAW, steps, MaintainedLake.clock(Duration.ofDays(10)));
    }

    private ScratchDisk disk() throws Exception {
        ScratchDisk disk = ScratchDisk.at(directory.resolve("disk"), "64m");
        if (!disk.mounted()) {
            disk.close();
        }
        assumeTrue(disk.mounted(), "No file system can be mounted here, so none can be filled");
        return disk;
    }

    private static MaintainedLake lake(ScratchDisk disk) {
        MaintainedLake lake = new MaintainedLake(disk.folder());
        lake.createRaw(RAW);
        lake.table(RAW)
                .updateProperties()
                .set("commit.manifest-merge.enabled", "false")
                .commit();
        IDS.forEach(id -> lake.append(RAW, id));
        return lake;
    }

    @Test
    void saysThatAFileCouldNotBeWrittenAndWritesItOnceThereIsRoom() throws Exception {
        try (ScratchDisk disk = disk();
                MaintainedLake lake = lake(disk)) {
            disk.fill();
            TableReport full = maintain(lake, MaintainedLake.NO_STEPS);

            assertThat(full.problems()).isNotEmpty();
            assertThat(full.problems().getFirst().code()).isEqualTo(CatalogError.REWRITE_FAILED.name());
            assertThat(full.problems().getFirst().detail()).contains("No space left");
            assertThat(full.filesRewritten()).isZero();
            assertThat(lake.ids(RAW)).isEqualTo(IDS);
            assertThat(lake.snapshots(RAW)).isEqualTo(IDS.size());

            disk.empty();
            assertGoesOn(lake);
        }
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhereTheDiskIsFullFromAStepOn(MaintenanceStep from) throws Exception {
        try (ScratchDisk disk = disk();
                MaintainedLake lake = lake(disk)) {
            boolean[] filled = {false};
            MaintenanceSteps steps = (step, _) -> {
                if (step == from && !filled[0]) {
                    filled[0] = true;
                    fill(disk);
                }
            };
            try {
                maintain(lake, steps);
            } catch (MaintenanceException e) {
                assertThat(e.error()).isEqualTo(CatalogError.ORPHANS_UNCERTAIN);
            }

            assertThat(filled[0]).isTrue();
            assertThat(lake.ids(RAW)).isEqualTo(IDS);
            disk.empty();
            assertGoesOn(lake);
        }
    }

    private static void fill(ScratchDisk disk) {
        try {
            disk.fill();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertGoesOn(MaintainedLake lake) throws Exception {
        assertThat(maintain(lake, MaintainedLake.NO_STEPS).problems()).isEmpty();
        assertThat(lake.ids(RAW)).isEqualTo(IDS);
        assertThat(lake.files(RAW)).hasSize(1);
        assertThat(lake.snapshots(RAW)).isEqualTo(1);
        try (Stream<Path> paths = Files.walk(lake.root())) {
            assertThat(paths.filter(path -> path.toString().endsWith(".parquet")))
                    .hasSize(1);
        }
    }
}
