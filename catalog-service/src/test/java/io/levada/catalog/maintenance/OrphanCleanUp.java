package io.levada.catalog.maintenance;

import io.levada.catalog.PeopleLake;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.LakeFileIO;
import java.time.Duration;

/// The clean-up of files that nothing names, for tests of others.
public final class OrphanCleanUp {
    private OrphanCleanUp() {}

    /// Runs as it does four days later, with no event on its way.
    public static void fourDaysLater(PeopleLake lake) {
        LakeFileIO files = new LakeFileIO();
        files.initialize(lake.storage());
        new OrphanFiles(
                        lake.catalog(),
                        _ -> {},
                        new LakeLayout(lake.location()),
                        files,
                        MaintainedLake.NO_STEPS,
                        MaintainedLake.clock(Duration.ofDays(4)),
                        () -> true)
                .delete(MaintainedLake.SETTINGS.orphans().olderThan());
    }
}
