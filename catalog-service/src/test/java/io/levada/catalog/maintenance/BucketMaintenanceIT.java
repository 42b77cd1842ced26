package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogError;
import io.levada.catalog.FaultyBucket;
import io.levada.catalog.FaultyBucket.Moment;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3.Fault;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Maintenance of a table in a bucket, with faults between it and s3proxy.
class BucketMaintenanceIT {
    private static final String RAW = "raw.s_t";
    private static final List<Long> IDS = LongStream.range(0, 12).boxed().toList();

    private static FaultyBucket bucket;

    @TempDir
    private Path directory;

    private MaintainedLake lake;
    private String prefix;

    @BeforeAll
    static void startServer() {
        bucket = FaultyBucket.start();
    }

    @AfterAll
    static void stopServer() {
        bucket.close();
    }

    @BeforeEach
    void open() {
        bucket.heal();
        prefix = UUID.randomUUID().toString();
        lake = new MaintainedLake(directory, FaultyBucket.location(prefix), bucket.access());
        lake.createRaw(RAW);
        IDS.forEach(id -> lake.append(RAW, id));
    }

    @AfterEach
    void close() {
        bucket.heal();
        lake.close();
    }

    private TableReport maintain() {
        return lake.maintain(RAW, MaintainedLake.NO_STEPS, MaintainedLake.clock(Duration.ofDays(10)));
    }

    private List<String> dataFiles() {
        return bucket.keys(prefix + "/raw/s_t/").stream()
                .filter(key -> key.endsWith(".parquet"))
                .toList();
    }

    private void assertOneFileWithAllRows() throws Exception {
        assertThat(lake.ids(RAW)).isEqualTo(IDS);
        assertThat(lake.files(RAW)).hasSize(1);
        assertThat(dataFiles())
                .hasSize(1)
                .allSatisfy(key -> assertThat(lake.files(RAW).getFirst()).endsWith(key));
        assertThat(lake.snapshots(RAW)).isEqualTo(1);
        if (Files.exists(lake.staging())) {
            try (Stream<Path> staged = Files.list(lake.staging())) {
                assertThat(staged).isEmpty();
            }
        }
    }

    @Test
    void compactsExpiresAndDeletes() throws Exception {
        assertThat(dataFiles()).hasSize(12);

        TableReport report = maintain();

        assertThat(report.problems()).isEmpty();
        assertThat(report.filesRewritten()).isEqualTo(12);
        assertThat(report.filesWritten()).isEqualTo(1);
        assertThat(report.orphansDeleted()).isPositive();
        assertOneFileWithAllRows();
    }

    @Test
    void comesThroughWhileTheBucketThrottlesAndFails() throws Exception {
        bucket.throttle();

        Eventually.within(Eventually.PATIENCE, this::tried, done -> done);

        bucket.heal();
        assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
        assertThat(lake.ids(RAW)).isEqualTo(IDS);
        maintain();
        assertOneFileWithAllRows();
    }

    /// Whether a run did all; one that storage keeps from it says so and leaves the rest to the next one.
    private boolean tried() throws Exception {
        try {
            List<Problem> problems = maintain().problems();
            assertThat(problems)
                    .extracting(Problem::code)
                    .isSubsetOf(CatalogError.STORAGE_UNAVAILABLE.name(), CatalogError.REWRITE_FAILED.name());
            return problems.isEmpty() && lake.files(RAW).size() == 1;
        } catch (MaintenanceException e) {
            assertThat(e.error()).isEqualTo(CatalogError.ORPHANS_UNCERTAIN);
            return false;
        } catch (UncheckedIOException e) {
            // The table itself can not be read.
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhereStorageGoesAwayInTheMiddleAndGoesOnAfterwards(Moment moment) throws Exception {
        losesNothingThrough(moment, Fault.AWAY);
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingWhereStorageRefusesAllInTheMiddleAndGoesOnAfterwards(Moment moment) throws Exception {
        losesNothingThrough(moment, Fault.SLOW_DOWN);
    }

    private void losesNothingThrough(Moment moment, Fault fault) throws Exception {
        FaultyBucket.Outage outage = bucket.outageAt(moment, fault);

        // The first run meets the outage, and how it ends depends on how long that lasts.
        tried();
        outage.awaitEnd();
        assertThat(outage.hasStruck()).isTrue();
        assertThat(lake.ids(RAW)).isEqualTo(IDS);

        Eventually.within(Eventually.PATIENCE, this::tried, done -> done);
        assertOneFileWithAllRows();
    }
}
