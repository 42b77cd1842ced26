package io.levada.catalog.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.catalog.CatalogError;
import io.levada.lake.storage.BucketAccess;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.Eventually;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final String BUCKET = "lake";
    private static final List<Long> IDS = LongStream.range(0, 12).boxed().toList();
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("levada.outage.seconds", 5));

    private static EmbeddedS3Server server;
    private static FaultyS3 faulty;

    @TempDir
    private Path directory;

    private MaintainedLake lake;
    private String prefix;

    @BeforeAll
    static void startServer() {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        server = EmbeddedS3Server.start();
        server.createBucket(BUCKET);
        faulty = FaultyS3.before(server.endpoint());
    }

    @AfterAll
    static void stopServer() {
        faulty.close();
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @BeforeEach
    void open() {
        faulty.plan(_ -> Fault.NONE);
        prefix = UUID.randomUUID().toString();
        lake = new MaintainedLake(
                directory, "s3://" + BUCKET + "/" + prefix, new BucketAccess(faulty.endpoint(), null, true));
        lake.createRaw(RAW);
        IDS.forEach(id -> lake.append(RAW, id));
    }

    @AfterEach
    void close() {
        faulty.plan(_ -> Fault.NONE);
        lake.close();
    }

    private TableReport maintain() {
        return lake.maintain(RAW, MaintainedLake.NO_STEPS, MaintainedLake.clock(Duration.ofDays(10)));
    }

    private List<String> dataFiles() {
        return server.keys(BUCKET, prefix + "/raw/s_t/").stream()
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
        Random random = new Random(20261122);
        faulty.plan(_ -> switch (random.nextInt(10)) {
            case 0 -> Fault.SLOW_DOWN;
            case 1 -> Fault.ERROR;
            default -> Fault.NONE;
        });

        Eventually.within(Eventually.PATIENCE, this::tried, done -> done);

        faulty.plan(_ -> Fault.NONE);
        assertThat(faulty.struck(Fault.SLOW_DOWN)).isPositive();
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

    /// The request at which storage goes away.
    enum Moment {
        READ {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("GET") && request.path().contains("/part-");
            }
        },
        UPLOAD {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("PUT") && request.path().contains("/part-");
            }
        },
        COMMIT {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("PUT") && request.path().contains(".metadata.json");
            }
        },
        DELETE {
            @Override
            boolean begins(FaultyS3.Request request) {
                return request.method().equals("DELETE") || request.path().contains("delete");
            }
        };

        abstract boolean begins(FaultyS3.Request request);
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
        AtomicLong began = new AtomicLong();
        int before = faulty.struck(fault);
        faulty.plan(request -> {
            if (moment.begins(request)) {
                began.compareAndSet(0, System.nanoTime());
            }
            return began.get() != 0 && isOut(began) ? fault : Fault.NONE;
        });

        // The first run meets the outage, and how it ends depends on how long that lasts.
        tried();
        Eventually.within(Eventually.PATIENCE, () -> began.get() != 0 && !isOut(began), over -> over);
        assertThat(faulty.struck(fault)).isGreaterThan(before);
        assertThat(lake.ids(RAW)).isEqualTo(IDS);

        Eventually.within(Eventually.PATIENCE, this::tried, done -> done);
        assertOneFileWithAllRows();
    }

    private static boolean isOut(AtomicLong began) {
        return System.nanoTime() - began.get() < OUTAGE.toNanos();
    }
}
