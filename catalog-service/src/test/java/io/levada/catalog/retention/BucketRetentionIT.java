package io.levada.catalog.retention;

import static io.levada.catalog.retention.RetainedLake.RAW;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.FaultyBucket;
import io.levada.catalog.FaultyBucket.Moment;
import io.levada.catalog.FilesWithText;
import io.levada.catalog.MaintenanceStep;
import io.levada.catalog.PeopleLake.Row;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The bound of a history in a bucket, with faults between it and s3proxy.
class BucketRetentionIT {
    /// Of a row that is over the bound and that no current row depends on.
    private static final String OLD = "zq-ada-lovelace";

    private static FaultyBucket bucket;

    @TempDir
    private Path directory;

    private final List<RuntimeException> failures = new ArrayList<>();
    private RetainedLake lake;
    private String prefix;
    private Map<Object, Object> mirror;

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
        lake = new RetainedLake(directory.resolve("service"), FaultyBucket.location(prefix), bucket.access());
        lake.createKeyed();
        lake.land(91, Row.loaded(9, OLD), Row.of("u", 8, 9, "Ada"));
        lake.landPeople();
        mirror = lake.mirror();
    }

    @AfterEach
    void close() {
        bucket.heal();
        lake.close();
    }

    private void assertOnlyWhatIsNeededIsLeft() throws Exception {
        assertThat(lake.mirror()).isEqualTo(mirror);
        assertThat(lake.history())
                .containsAll(RetainedLake.NEEDED)
                .contains("8 u 9 Ada")
                .hasSize(RetainedLake.NEEDED.size() + 1);
        assertThat(FilesWithText.below(directory.resolve("service/service"), OLD))
                .isEmpty();
        lake.table(RAW)
                .expireSnapshots()
                .expireOlderThan(System.currentTimeMillis())
                .retainLast(1)
                .commit();
        // A commit that storage kept from coming through may leave manifests behind.
        assertThat(bucket.objectsWith(prefix, OLD, directory))
                .allMatch(key -> !failures.isEmpty() && key.contains("/metadata/") && key.endsWith(".avro"));
        lake.cleanUpOrphans();
        assertThat(bucket.objectsWith(prefix, OLD, directory)).isEmpty();
        assertThat(lake.mirror()).isEqualTo(mirror);
    }

    @Test
    void leavesNoObjectOfTheBucketWithARowOverTheBoundOnceItsSnapshotsExpire() throws Exception {
        assertThat(bucket.objectsWith(prefix, OLD, directory)).isNotEmpty();

        lake.retention().apply(RAW, false);

        assertOnlyWhatIsNeededIsLeft();
    }

    @Test
    void everyStateThatACrashLeavesHasTheSameMirror() throws Exception {
        assertThat(lake.applyThroughCrashes(() -> assertThat(lake.mirror()).isEqualTo(mirror)))
                .contains(MaintenanceStep.FILES_REWRITTEN, MaintenanceStep.REWRITE_COMMITTED);

        assertOnlyWhatIsNeededIsLeft();
    }

    @Test
    void comesThroughWhileTheBucketThrottlesAndFails() throws Exception {
        bucket.throttle();

        Eventually.within(Eventually.PATIENCE, this::isDone, done -> done);

        bucket.heal();
        assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
        assertOnlyWhatIsNeededIsLeft();
    }

    private boolean isDone() {
        try {
            lake.retention().apply(RAW, true);
            return true;
        } catch (RuntimeException e) {
            failures.add(e);
            return false;
        }
    }

    /// Retention deletes nothing itself.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DELETE")
    void losesNothingElseWhereStorageGoesAwayInTheMiddleAndGoesOnAfterwards(Moment moment) throws Exception {
        FaultyBucket.Outage outage = bucket.outageAt(moment, Fault.AWAY);

        Eventually.within(Eventually.PATIENCE, this::isDone, done -> done);

        outage.awaitEnd();
        assertThat(outage.hasStruck()).isTrue();
        assertThat(failures).allSatisfy(e -> assertThat(e).rootCause().isInstanceOf(IOException.class));
        assertOnlyWhatIsNeededIsLeft();
    }
}
