package io.levada.catalog.erasure;

import static io.levada.catalog.erasure.ErasedLake.CURATED;
import static io.levada.catalog.erasure.ErasedLake.NAME;
import static io.levada.catalog.erasure.ErasedLake.RAW;
import static io.levada.catalog.erasure.ErasedLake.STAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.FaultyBucket;
import io.levada.catalog.FaultyBucket.Moment;
import io.levada.catalog.FilesWithText;
import io.levada.catalog.MaintenanceStep;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Erasure of rows in a bucket, with faults between it and s3proxy.
class BucketErasureIT {
    private static FaultyBucket bucket;

    @TempDir
    private Path directory;

    private final List<RuntimeException> failures = new ArrayList<>();
    private ErasedLake lake;
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
        lake = new ErasedLake(directory.resolve("service"), FaultyBucket.location(prefix), bucket.access());
        lake.createRaw();
        lake.landPeople();
    }

    @AfterEach
    void close() {
        bucket.heal();
        lake.close();
    }

    private List<String> objectsWith(String text) throws Exception {
        return bucket.objectsWith(prefix, text, directory);
    }

    private List<String> localFilesWith(String text) throws Exception {
        return FilesWithText.below(directory.resolve("service"), text);
    }

    private void assertOnlyTheRowsAreGone() throws Exception {
        assertThat(objectsWith(NAME)).isEmpty();
        assertThat(objectsWith("awaited")).as("the order").isEmpty();
        assertThat(lake.eraser().store().open()).isEmpty();
        assertThat(lake.history()).containsExactly("2 c 2 Bob", "4 u 2 Bo");
        assertThat(lake.names(STAGE)).containsExactly("Bo", "Bob");
        assertThat(lake.names(CURATED)).containsExactly("Bo", "Bob");
        assertThat(localFilesWith(NAME)).isEmpty();
    }

    @Test
    void leavesNoObjectOfTheBucketWithTheRowsOnceItIsDone() throws Exception {
        assertThat(objectsWith(NAME)).hasSizeGreaterThan(6);
        Erasure removed = lake.advance(lake.eraser().order(RAW, List.of("1"))).erasure();
        assertThat(removed.stage()).isEqualTo(Erasure.Stage.FOLLOWING);
        lake.computeAnew();
        Erasure deleting = lake.advance(removed).erasure();
        assertThat(deleting.stage()).isEqualTo(Erasure.Stage.DELETING);
        assertThat(objectsWith(NAME)).as("for queries that began before").isNotEmpty();
        assertThat(localFilesWith(NAME)).as("local copies of them").isNotEmpty();
        lake.passes(ErasedLake.FILES_KEPT);

        assertThat(lake.advance(deleting).erasure().stage()).isEqualTo(Erasure.Stage.DONE);
        assertThat(deleting.order().notes()).singleElement().asString().startsWith("Services that run apart");

        assertOnlyTheRowsAreGone();
    }

    @ParameterizedTest
    @EnumSource(
            value = MaintenanceStep.class,
            names = {"FILES_REWRITTEN", "REWRITE_COMMITTED", "BEFORE_EXPIRY", "EXPIRY_COMMITTED", "BEFORE_DELETE"})
    void goesOnAfterACrashAtAnyStep(MaintenanceStep crash) throws Exception {
        lake.eraser().order(RAW, List.of("1"));

        assertThat(lake.carryOutWithCrashesAt(crash)).isPositive();

        assertOnlyTheRowsAreGone();
    }

    @Test
    void comesThroughWhileTheBucketThrottlesAndFails() throws Exception {
        lake.eraser().order(RAW, List.of("1"));
        bucket.throttle();

        Eventually.within(Eventually.PATIENCE, this::isDone, done -> done);

        bucket.heal();
        assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
        assertThatOrphansAreAllThatIsLeft();
    }

    /// Takes a step; one that storage keeps from it is taken again.
    private boolean isDone() {
        try {
            return !lake.advanceOpen((_, _) -> {});
        } catch (RuntimeException e) {
            failures.add(e);
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingElseWhereStorageGoesAwayInTheMiddleAndGoesOnAfterwards(Moment moment) throws Exception {
        lake.eraser().order(RAW, List.of("1"));
        FaultyBucket.Outage outage = bucket.outageAt(moment, Fault.AWAY);

        Eventually.within(Eventually.PATIENCE, this::isDone, done -> done);

        outage.awaitEnd();
        assertThat(outage.hasStruck()).isTrue();
        assertThat(failures)
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e).rootCause().isInstanceOf(IOException.class));
        assertThatOrphansAreAllThatIsLeft();
    }

    /// A commit that storage kept from coming through may leave manifests behind, and the file with the order.
    private void assertThatOrphansAreAllThatIsLeft() throws Exception {
        assertThat(objectsWith(NAME)).allMatch(key -> key.contains("/metadata/") && key.endsWith(".avro"));
        lake.cleanUpOrphans();
        assertOnlyTheRowsAreGone();
    }
}
