package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.MaintenanceSettings;
import io.levada.testing.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintenanceLoopTest {
    private static final String RAW = "raw.s_t";
    private static final String METERS = "levada.catalog.maintenance.";

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private MaintainedLake lake;
    private MaintenanceLoop loop;

    @BeforeEach
    void open(@TempDir Path directory) {
        lake = new MaintainedLake(directory);
        lake.createRaw(RAW);
        LongStream.range(0, 6).forEach(id -> lake.append(RAW, id));
        loop = new MaintenanceLoop(
                lake.catalog(),
                _ -> lake.parts(Clock.systemUTC(), MaintainedLake.NO_STEPS, MaintainedLake.clock(Duration.ofDays(10))),
                settings(false, Duration.ofHours(1), 100, 10),
                new MaintenanceMetrics(registry),
                Clock.systemUTC());
        loop.start();
    }

    @AfterEach
    void close() {
        loop.stop();
        lake.close();
    }

    private static MaintenanceSettings settings(boolean enabled, Duration interval, int minInputFiles, int maxToKeep) {
        return new MaintenanceSettings(
                enabled,
                interval,
                new MaintenanceSettings.Compaction(128L << 20, minInputFiles),
                new MaintenanceSettings.Snapshots(Duration.ofNanos(1), 1, Duration.ofDays(30), maxToKeep),
                new MaintenanceSettings.Orphans(Duration.ofDays(3)));
    }

    private TableReport ask() {
        long run = loop.ask(RAW);
        return Eventually.within(Eventually.PATIENCE, loop::state, state -> state.finished() >= run)
                .tables()
                .getFirst();
    }

    @Test
    void goesOnWithOtherSettingsAtTheNextRun() {
        assertThat(ask().filesRewritten()).isZero();

        loop.replace(settings(false, Duration.ofHours(1), 2, 10));

        assertThat(ask().filesRewritten()).isEqualTo(6);
    }

    @Test
    void beginsToRunByItselfOnceItIsToldTo() {
        assertThat(loop.state().state()).isEqualTo("OFF");

        loop.replace(settings(true, Duration.ofMillis(1), 2, 10));

        MaintenanceState state = Eventually.within(Eventually.PATIENCE, loop::state, now -> now.finished() > 1);
        assertThat(state.tables().getFirst().filesAfter()).isEqualTo(1);
    }

    @Test
    void ceasesToRunByItselfOnceItIsToldTo() {
        loop.replace(settings(true, Duration.ofMillis(1), 2, 10));
        Eventually.within(Eventually.PATIENCE, loop::state, now -> now.finished() > 1);

        loop.replace(settings(false, Duration.ofMillis(1), 2, 10));

        MaintenanceState off = Eventually.within(
                Eventually.PATIENCE, loop::state, now -> now.state().equals("OFF"));
        // A run more would be the one that is asked for here.
        assertThat(loop.ask(RAW)).isEqualTo(off.run() + 1);
    }

    @Test
    void countsWhatWasDone() {
        loop.replace(settings(false, Duration.ofHours(1), 2, 10));
        long run = loop.ask(null);
        Eventually.within(Eventually.PATIENCE, loop::state, state -> state.finished() >= run);

        assertThat(count("files.rewritten")).isEqualTo(6);
        assertThat(count("files.written")).isEqualTo(1);
        assertThat(count("bytes.rewritten")).isPositive();
        assertThat(count("snapshots.expired")).isEqualTo(6);
        assertThat(count("orphans.deleted")).isGreaterThanOrEqualTo(6);
        assertThat(count("orphans.bytes")).isPositive();
        assertThat(registry.get(METERS + "runs").timer().count()).isEqualTo(1);
    }

    @Test
    void countsProblemsByTheirCode() {
        lake.table(RAW)
                .updateProperties()
                .set("gc.enabled", "false")
                .set("commit.retry.num-retries", "0")
                .commit();
        loop.replace(settings(false, Duration.ofHours(1), 2, 10));

        TableReport report = ask();

        assertThat(report.problems()).extracting(Problem::code).containsExactly("MAINTENANCE_FAILED");
        assertThat(registry.get(METERS + "problems")
                        .tag("code", "MAINTENANCE_FAILED")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    private double count(String meter) {
        return registry.get(METERS + meter).counter().count();
    }
}
