package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// kill -9 of the whole pipeline at random moments of every phase, while a database is written to and files are dropped
/// into a folder; then the tables are compared with their sources. `-Dlevada.kills=N` and `-Dlevada.seed=N` make a
/// longer or another campaign.
class KillIT {
    private static final int KILLS = Integer.getInteger("levada.kills", 6);
    private static final long SEED = Long.getLong("levada.seed", 20261121L);
    private static final int INITIAL_ROWS = 150_000;

    /// After the first kill, which is in the load. From a short phase to the next one the pipeline gets further.
    private static final List<Phase> PHASES =
            List.of(Phase.STREAM, Phase.COMMIT, Phase.FILES, Phase.CURATION, Phase.WAREHOUSE);

    @Test
    void everyChangeIsThereOnceAfterKillsInEveryPhase(@TempDir Path directory, TestReporter reporter) throws Exception {
        Random random = new Random(SEED);
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"))) {
            SourceWorkload.prepare(postgres, ShopProject.DATABASE, INITIAL_ROWS);
            ShopProject project = ShopProject.write(directory, "kills", postgres, "");
            Path data = directory.resolve("data");
            Map<Phase, Integer> inFlight = new EnumMap<>(Phase.class);
            PipelineProcess pipeline = null;
            try (ShopWorkload workload = new ShopWorkload(postgres, project, SEED, 100 * KILLS)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    Path marks = directory.resolve("marks-" + kill);
                    Phase phase = kill == 0 ? Phase.LOAD : PHASES.get((kill - 1) % PHASES.size());
                    Duration armedAfter = Duration.ofMillis(kill == 0 ? 0 : random.nextInt(4_000));
                    pipeline = PipelineProcess.steered(project.folder(), data, phase, armedAfter, marks);
                    workload.allow(100 * (kill + 1));
                    pipeline.awaitKillable(marks);
                    if (kill == 0) {
                        // From here on every change comes through the log: the source is planned.
                        workload.start();
                    }
                    LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(random.nextInt(phase == Phase.LOAD ? 150 : 500)));
                    pipeline.kill();
                    PhaseMarks.inFlight(marks).forEach(open -> inFlight.merge(open, 1, Integer::sum));
                    pipeline.close();
                }
                reporter.publishEntry("in flight at the kills", inFlight.toString());
                if (KILLS > PHASES.size()) {
                    assertThat(inFlight).as("phases in flight at the kills").containsOnlyKeys(Phase.values());
                }
                pipeline = PipelineProcess.run(project.folder(), data);
                int droppedRows = workload.finish();
                assertThat(workload.done()).isGreaterThanOrEqualTo(100L * KILLS);
                new ShopProof(postgres, pipeline.awaitReady()).everythingIsThereOnce(droppedRows);
            } finally {
                if (pipeline != null) {
                    pipeline.close();
                }
            }
        }
    }
}
