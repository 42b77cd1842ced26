package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import java.nio.file.Files;
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
            SourceWorkload.prepare(postgres, "shop", INITIAL_ROWS);
            Path project = project(directory, postgres);
            SourceWorkload workload = new SourceWorkload(postgres, "shop", SEED, 100 * KILLS);
            Path data = directory.resolve("data");
            Thread writer = Thread.ofPlatform().name("workload").unstarted(workload);
            FolderWorkload dropped = new FolderWorkload(project.resolve("inbox"), SEED);
            Thread drops = Thread.ofPlatform().name("drops").unstarted(dropped);
            Map<Phase, Integer> inFlight = new EnumMap<>(Phase.class);
            PipelineProcess pipeline = null;
            try {
                for (int kill = 0; kill < KILLS; kill++) {
                    Path marks = directory.resolve("marks-" + kill);
                    Phase phase = kill == 0 ? Phase.LOAD : PHASES.get((kill - 1) % PHASES.size());
                    Duration armedAfter = Duration.ofMillis(kill == 0 ? 0 : random.nextInt(4_000));
                    pipeline = PipelineProcess.steered(project, data, phase, armedAfter, marks);
                    workload.allow(100 * (kill + 1));
                    pipeline.awaitKillable(marks);
                    if (kill == 0) {
                        // From here on every change comes through the log: the source is planned.
                        writer.start();
                        drops.start();
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
                pipeline = PipelineProcess.run(project, data);
                workload.finish();
                dropped.stop();
                writer.join(Duration.ofMinutes(5));
                workload.requireNoFailure();
                assertThat(workload.done()).isGreaterThanOrEqualTo(100L * KILLS);
                drops.join(Duration.ofSeconds(30));
                PipelineProcess last = pipeline.awaitReady();
                new ShopProof(postgres, last).everythingIsThereOnce(dropped.rows());
            } finally {
                workload.stop();
                dropped.stop();
                if (pipeline != null) {
                    pipeline.close();
                }
                writer.join(Duration.ofSeconds(30));
            }
        }
    }

    private static Path project(Path directory, EmbeddedPostgresServer postgres) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(
                project.resolve("notes.sql"), "SELECT note, count(*) AS items FROM stage.shop_item GROUP BY note");
        Files.writeString(project.resolve("levada.yaml"), """
                project: kills
                flush: 1s
                sources:
                  shop:
                    type: postgres
                    url: %s
                    user: %s
                    password: %s
                    tables: [item, line, event, idle, empty]
                  drops:
                    type: files
                    path: inbox
                    format: csv
                    table: rows
                tables:
                  curated.notes:
                    sql: notes.sql
                warehouse:
                  loads:
                    shop.item: {from: stage.shop_item, key: [id]}
                    shop.line: {from: stage.shop_line, key: [a, b]}
                """.formatted(
                        postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
