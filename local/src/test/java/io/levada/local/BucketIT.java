package io.levada.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.testing.EmbeddedPostgresServer;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
            SourceWorkload.prepare(postgres, "shop", INITIAL_ROWS);
            Path project = project(directory, postgres, bucket);
            Path data = directory.resolve("data");
            SourceWorkload workload = new SourceWorkload(postgres, "shop", SEED, 500);
            FolderWorkload dropped = new FolderWorkload(project.resolve("inbox"), SEED);
            List<Thread> writers = List.of(
                    Thread.ofPlatform().name("workload").unstarted(workload),
                    Thread.ofPlatform().name("drops").unstarted(dropped));
            try {
                try (PipelineProcess first = run(project, data)) {
                    awaitMirror(first);
                    writers.forEach(Thread::start);
                    workload.allow(150);
                    disturb(bucket, THROTTLED, throttling());
                    workload.allow(250);
                    disturb(bucket, OUTAGE, _ -> Fault.AWAY);
                    workload.allow(350);
                    disturb(bucket, THROTTLED, lostAnswers());
                    first.kill();
                }
                try (PipelineProcess second = run(project, data)) {
                    workload.finish();
                    dropped.stop();
                    for (Thread writer : writers) {
                        writer.join(Duration.ofMinutes(3));
                    }
                    workload.requireNoFailure();
                    new ShopProof(postgres, second).everythingIsThereOnce(dropped.rows());
                    assertBucket(server, data);
                    assertThat(bucket.struck(Fault.SLOW_DOWN)).isPositive();
                    assertThat(bucket.struck(Fault.ERROR)).isPositive();
                    assertThat(bucket.struck(Fault.AWAY)).isPositive();
                    assertThat(bucket.struck(Fault.ANSWER_LOST)).isPositive();
                }
            } finally {
                workload.stop();
                dropped.stop();
                for (Thread writer : writers) {
                    writer.join(Duration.ofSeconds(30));
                }
            }
        }
    }

    private static void awaitRows(PipelineProcess pipeline, String sql, String wanted) {
        Eventually.within(Eventually.PATIENCE, () -> answer(pipeline, sql), wanted::equals);
    }

    private static String answer(PipelineProcess pipeline, String sql) throws Exception {
        try {
            return pipeline.query(sql).toString();
        } catch (IllegalStateException e) {
            // The table is not there yet.
            return String.valueOf(e.getMessage());
        }
    }

    private static PipelineProcess run(Path project, Path data) throws Exception {
        return PipelineProcess.run(
                        project,
                        data,
                        Map.of(
                                "AWS_ACCESS_KEY_ID",
                                EmbeddedS3Server.ACCESS_KEY,
                                "AWS_SECRET_ACCESS_KEY",
                                EmbeddedS3Server.SECRET_KEY))
                .awaitReady();
    }

    private static void awaitMirror(PipelineProcess pipeline) {
        awaitRows(pipeline, "SELECT count(*) FROM stage.shop_item", "[[" + INITIAL_ROWS + "]]");
    }

    private static void disturb(FaultyS3 bucket, Duration time, FaultyS3.Plan plan) {
        bucket.plan(plan);
        LockSupport.parkNanos(time.toNanos());
        bucket.plan(_ -> Fault.NONE);
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
    }

    /// Two of three requests are refused.
    private static FaultyS3.Plan throttling() {
        Random random = new Random(SEED);
        return _ -> switch (random.nextInt(3)) {
            case 0 -> Fault.SLOW_DOWN;
            case 1 -> Fault.ERROR;
            default -> Fault.NONE;
        };
    }

    /// Every other request that changes something is carried out without an answer.
    private static FaultyS3.Plan lostAnswers() {
        return request ->
                !request.method().equals("GET") && !request.method().equals("HEAD") && request.number() % 2 == 0
                        ? Fault.ANSWER_LOST
                        : Fault.NONE;
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

    private static Path project(Path directory, EmbeddedPostgresServer postgres, FaultyS3 bucket) throws Exception {
        Path project = Files.createDirectories(directory.resolve("project"));
        Files.createDirectories(project.resolve("inbox"));
        Files.writeString(
                project.resolve("notes.sql"), "SELECT note, count(*) AS items FROM stage.shop_item GROUP BY note");
        Files.writeString(project.resolve("levada.yaml"), """
                project: bucket
                flush: 1s
                lake:
                  location: s3://%s/prod
                  endpoint: %s
                  cache: {size: 256MB}
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
                        BUCKET, bucket.endpoint(), postgres.url("shop"), postgres.user(), postgres.password()));
        return project;
    }
}
