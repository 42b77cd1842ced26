package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole pipeline whose lake is in a bucket: throttled, cut off for a while and killed, while its sources are written
/// to; then everything is compared with the sources.
class BucketIT {
    private static final String BUCKET = "levada-lake";
    private static final long SEED = Long.getLong("levada.seed", 20261122L);
    private static final int INITIAL_ROWS = 20_000;
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("levada.outage.seconds", 20));
    private static final Duration THROTTLED = Duration.ofSeconds(10);

    @Test
    void everyChangeIsThereOnceThoughTheBucketThrottlesFailsAndIsAwayAndThePipelineIsKilled(@TempDir Path directory)
            throws Exception {
        try (EmbeddedPostgresServer postgres = EmbeddedPostgresServer.start(directory.resolve("postgres"));
                EmbeddedS3Server server = EmbeddedS3Server.start();
                FaultyS3 bucket = FaultyS3.before(server.endpoint())) {
            server.createBucket(BUCKET);
            SourceWorkload.prepare(postgres, ShopProject.DATABASE, INITIAL_ROWS);
            ShopProject project =
                    ShopProject.write(directory, "bucket", postgres, """
                    lake:
                      location: s3://%s/prod
                      endpoint: %s
                      cache: {size: 256MB}
                    """.formatted(BUCKET, bucket.endpoint()));
            Path data = directory.resolve("data");
            try (ShopWorkload workload = new ShopWorkload(postgres, project, SEED, 500)) {
                try (PipelineProcess first = run(project, data)) {
                    awaitMirror(first);
                    workload.start();
                    workload.allow(150);
                    disturb(bucket, THROTTLED, BucketFaults.throttling(SEED));
                    workload.allow(250);
                    disturb(bucket, OUTAGE, _ -> Fault.AWAY);
                    workload.allow(350);
                    disturb(bucket, THROTTLED, BucketFaults.lostAnswers());
                    first.kill();
                }
                try (PipelineProcess second = run(project, data)) {
                    int droppedRows = workload.finish();
                    new ShopProof(postgres, second).everythingIsThereOnce(droppedRows);
                    assertBucket(server, data);
                    assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
                    assertThat(bucket.struck(Fault.ERROR)).isPositive();
                    assertThat(bucket.struck(Fault.AWAY)).isPositive();
                    assertThat(bucket.struck(Fault.ANSWER_LOST)).isPositive();
                }
            }
        }
    }

    private static PipelineProcess run(ShopProject project, Path data) throws Exception {
        return PipelineProcess.run(
                        project.folder(),
                        data,
                        Map.of(
                                "AWS_ACCESS_KEY_ID",
                                EmbeddedS3Server.ACCESS_KEY,
                                "AWS_SECRET_ACCESS_KEY",
                                EmbeddedS3Server.SECRET_KEY))
                .awaitReady();
    }

    private static void awaitMirror(PipelineProcess pipeline) {
        pipeline.awaitRows("SELECT count(*) FROM stage.shop_item", "[[" + INITIAL_ROWS + "]]");
    }

    private static void disturb(FaultyS3 bucket, Duration time, FaultyS3.Plan plan) {
        bucket.plan(plan);
        LockSupport.parkNanos(time.toNanos());
        bucket.plan(_ -> Fault.NONE);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    }

    /// All of the lake is in the bucket, and what is on this disk are copies of it.
    private static void assertBucket(EmbeddedS3Server server, Path data) throws Exception {
        assertThat(server.keys(BUCKET, "prod/raw/shop/item/")).anyMatch(key -> key.endsWith(".parquet"));
        assertThat(server.keys(BUCKET, "prod/raw/_manifests/")).isNotEmpty();
        assertThat(server.keys(BUCKET, "prod/stage/shop_item/metadata/")).isNotEmpty();
        assertThat(server.keys(BUCKET, "prod/curated/notes/data/")).isNotEmpty();
        assertThat(data.resolve("lake")).doesNotExist();
        try (Stream<Path> copies = Files.list(data.resolve("cache"))) {
            assertThat(copies).isNotEmpty();
        }
    }
}
