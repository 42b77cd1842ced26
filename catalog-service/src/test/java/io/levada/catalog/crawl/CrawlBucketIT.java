package io.levada.catalog.crawl;

import static io.levada.catalog.crawl.CrawledLake.codes;
import static io.levada.catalog.crawl.CrawledLake.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.levada.catalog.CatalogError;
import io.levada.events.TableProperties;
import io.levada.lake.storage.BucketAccess;
import io.levada.testing.EmbeddedS3Server;
import io.levada.testing.FaultyS3;
import io.levada.testing.FaultyS3.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Crawls of a prefix, on s3proxy with faults before it, with a lake in a bucket.
final class CrawlBucketIT {
    private static final Schema BLOBS =
            SchemaBuilder.record("blobs").fields().optionalBytes("blob").endRecord();

    private static EmbeddedS3Server server;
    private static FaultyS3 faulty;
    private static int buckets;

    @TempDir
    private Path directory;

    private CrawledLake lake;
    private String data;
    private int staged;

    @BeforeAll
    static void startServer() {
        System.setProperty("aws.accessKeyId", EmbeddedS3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", EmbeddedS3Server.SECRET_KEY);
        server = EmbeddedS3Server.start();
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
    void open() throws IOException {
        faulty.plan(_ -> Fault.NONE);
        int number = ++buckets;
        server.createBucket("lake" + number);
        data = "data" + number;
        server.createBucket(data);
        lake = new CrawledLake(
                directory, "s3://lake" + number + "/prod", new BucketAccess(faulty.endpoint(), null, true));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /// @return a copy of the object
    private Path put(String key, List<?>... rows) throws IOException {
        Path file = lake.write("staged/" + staged++ + ".parquet", rows);
        server.put(data, key, file);
        return file;
    }

    private CrawlReport crawl(String prefix) {
        return lake.crawl("s3://" + data + prefix, null);
    }

    private static boolean isRead(FaultyS3.Request request) {
        return request.method().equals("GET") && request.path().contains(".parquet");
    }

    @Test
    void registersTheObjectsOfAPrefixWithTheirPartitions() throws Exception {
        put("in/sales/year=2020/city=S%C3%A3o Paulo/a.parquet", List.of(1L, "a"), List.of(2L, "b"));
        put("in/sales/year=2021/city=x/b.parquet", List.of(3L, "c"));
        put("in/other/c.parquet", List.of(4L, "d"));
        put("in/other/_temporary/d.parquet", List.of(5L, "d"));
        put("in2/e.parquet", List.of(6L, "d"));
        server.put(data, "in/other/", "");
        server.put(data, "in/other/notes.csv", "id\n1\n");

        CrawlReport report = crawl("/in/");

        assertThat(report.problems()).isEmpty();
        assertThat(report.tables())
                .extracting(CrawlReport.CrawledTable::table, CrawlReport.CrawledTable::location)
                .containsExactly(
                        tuple("raw.other", "s3://" + data + "/in/other"),
                        tuple("raw.sales", "s3://" + data + "/in/sales"));
        assertThat(lake.rows("raw.sales", "id", "year", "city"))
                .containsExactly("1|2020|São Paulo", "2|2020|São Paulo", "3|2021|x");
        assertThat(lake.rows("raw.other", "id")).containsExactly("4");
        assertThat(lake.files("raw.other"))
                .extracting(DataFile::location)
                .containsExactly("s3://" + data + "/in/other/c.parquet");
        assertThat(lake.table("raw.sales").properties())
                .containsEntry(TableProperties.CRAWL_LOCATION, "s3://" + data + "/in/sales");
        assertThat(report.advice().getFirst().yaml()).contains("path: s3://" + data + "/in/other");
        assertThat(lake.announced).containsExactly("raw.other", "raw.sales");
    }

    @Test
    void addsWhatIsNewAndReadsNoOtherFooter() throws Exception {
        put("t/1.parquet", List.of(1L, "a"));
        put("t/2.parquet", List.of(2L, "a"));
        crawl("");
        put("t/3.parquet", List.of(3L, "a"));
        List<String> read = new CopyOnWriteArrayList<>();
        faulty.plan(request -> {
            if (isRead(request)) {
                read.add(request.path());
            }
            return Fault.NONE;
        });

        CrawlReport report = crawl("");

        assertThat(report.tables().getFirst().known()).isEqualTo(2);
        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(read).isNotEmpty().allMatch(path -> path.contains("/t/3.parquet"));
        assertThat(lake.rows("raw.t", "id")).containsExactly("1", "2", "3");
    }

    @Test
    void readsTheEndOfAFileOnly() throws Exception {
        byte[] random = new byte[3_000_000];
        new Random(1).nextBytes(random);
        Path file = lake.write("large.parquet", BLOBS, List.of(List.of(java.nio.ByteBuffer.wrap(random))));
        server.put(data, "t/large.parquet", file);
        long before = server.downloadedBytes();

        CrawlReport report = crawl("/t");

        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(Files.size(file)).isGreaterThan(3_000_000);
        assertThat(server.downloadedBytes() - before).isLessThan(200_000);
    }

    @Test
    void namesBrokenObjectsAndRegistersTheOthers() throws Exception {
        byte[] whole = Files.readAllBytes(put("t/good.parquet", List.of(1L, "a")));
        Path cut = directory.resolve("cut");
        server.put(data, "t/cut.parquet", Files.write(cut, Arrays.copyOf(whole, whole.length - 20)));
        server.put(data, "t/empty.parquet", "");

        CrawlReport report = crawl("");

        assertThat(codes(report)).containsExactly("CRAWL_FILE_BROKEN", "CRAWL_FILE_BROKEN");
        assertThat(paths(report))
                .containsExactly("s3://" + data + "/t/cut.parquet", "s3://" + data + "/t/empty.parquet");
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
    }

    /// Each is answered only once four of them are asked for.
    @Test
    void readsManyFootersAtOnce() throws Exception {
        for (long i = 0; i < 8; i++) {
            put("t/" + i + ".parquet", List.of(i, "a"));
        }
        CountDownLatch four = new CountDownLatch(4);
        Set<String> asked = ConcurrentHashMap.newKeySet();
        faulty.plan(request -> {
            if (isRead(request)) {
                if (asked.add(request.path())) {
                    four.countDown();
                }
                await(four);
            }
            return Fault.NONE;
        });

        CrawlReport report = crawl("");

        assertThat(four.getCount()).isZero();
        assertThat(report.tables().getFirst().registered()).isEqualTo(8);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// One of three requests is refused, and repeated.
    @Test
    void getsThroughABucketThatThrottles() throws Exception {
        for (long i = 0; i < 20; i++) {
            put("t/day=" + i + "/a.parquet", List.of(i, "a"));
        }
        Random random = new Random(7);
        faulty.plan(_ -> switch (random.nextInt(6)) {
            case 0 -> Fault.SLOW_DOWN;
            case 1 -> Fault.ERROR;
            default -> Fault.NONE;
        });

        CrawlReport report = crawl("");

        assertThat(report.problems()).isEmpty();
        faulty.plan(_ -> Fault.NONE);
        assertThat(faulty.struck(Fault.SLOW_DOWN)).isPositive();
        assertThat(lake.rows("raw.t", "id"))
                .containsExactlyInAnyOrder(
                        LongStream.range(0, 20).mapToObj(Long::toString).toArray(String[]::new));
    }

    @Test
    void registersNothingOfATableWhoseBucketGoesAwayInTheMiddleAndAllOfItTheNextTime() throws Exception {
        for (long i = 0; i < 20; i++) {
            put("a/" + i + ".parquet", List.of(i, "a"));
            put("b/" + i + ".parquet", List.of(i, "a"));
        }
        faulty.plan(request -> isRead(request) && request.path().contains("/b/15.") ? Fault.SLOW_DOWN : Fault.NONE);

        CrawlReport cut = crawl("");

        assertThat(codes(cut)).containsExactly("CRAWL_STORAGE_AWAY");
        assertThat(cut.problems().getFirst().detail()).contains("/b/15.parquet").contains("503");
        assertThat(cut.tables())
                .extracting(CrawlReport.CrawledTable::registered, CrawlReport.CrawledTable::left)
                .containsExactly(tuple(20L, 0L), tuple(0L, 20L));
        assertThat(lake.has("raw.b")).isFalse();
        faulty.plan(_ -> Fault.NONE);
        CrawlReport whole = crawl("");
        assertThat(whole.problems()).isEmpty();
        assertThat(lake.files("raw.a")).hasSize(20);
        assertThat(lake.files("raw.b")).hasSize(20);
    }

    @Test
    void triesNoOtherTableOnceTheBucketIsAway() throws Exception {
        put("a/1.parquet", List.of(1L, "a"));
        put("b/1.parquet", List.of(1L, "a"));
        List<String> asked = new CopyOnWriteArrayList<>();
        faulty.plan(request -> {
            if (isRead(request)) {
                asked.add(request.path());
                return Fault.SLOW_DOWN;
            }
            return Fault.NONE;
        });

        CrawlReport report = crawl("");

        assertThat(codes(report)).containsExactly("CRAWL_STORAGE_AWAY", "CRAWL_STORAGE_AWAY");
        assertThat(asked).isNotEmpty().noneMatch(path -> path.contains("/b/1."));
    }

    @Test
    void whoseListingIsNotAnsweredIsRefused() throws Exception {
        put("t/1.parquet", List.of(1L, "a"));
        faulty.plan(request -> request.path().contains("list-type=2") ? Fault.ERROR : Fault.NONE);

        assertThatThrownBy(() -> crawl("/t")).isInstanceOfSatisfying(CrawlRefused.class, refused -> {
            assertThat(refused.code()).isEqualTo(CatalogError.CRAWL_STORAGE_AWAY);
            assertThat(refused.detail()).contains("s3://" + data + "/").contains("500");
        });
    }

    @Test
    void namesABucketThatIsMissing() {
        assertThatThrownBy(() -> lake.crawl("s3://missing/prefix", null))
                .isInstanceOfSatisfying(CrawlRefused.class, refused -> {
                    assertThat(refused.code()).isEqualTo(CatalogError.CRAWL_BUCKET_MISSING);
                    assertThat(refused.detail()).contains("s3://missing");
                });
    }

    @Test
    void namesAPrefixThatMayNotBeListed() throws Exception {
        put("t/1.parquet", List.of(1L, "a"));
        faulty.plan(request -> request.path().contains("prefix=t%2F&")
                        || request.path().contains("prefix=t/")
                        || request.path().endsWith("prefix=t%2F")
                ? Fault.FORBIDDEN
                : Fault.NONE);

        assertThatThrownBy(() -> crawl("/t"))
                .isInstanceOfSatisfying(
                        CrawlRefused.class,
                        refused -> assertThat(refused.code()).isEqualTo(CatalogError.CRAWL_FORBIDDEN));
    }

    @Test
    void namesAnObjectThatMayNotBeReadAndRegistersTheOthers() throws Exception {
        put("t/1.parquet", List.of(1L, "a"));
        put("t/2.parquet", List.of(2L, "a"));
        faulty.plan(request -> isRead(request) && request.path().contains("/2.") ? Fault.FORBIDDEN : Fault.NONE);

        CrawlReport report = crawl("");

        assertThat(codes(report)).containsExactly("CRAWL_FORBIDDEN");
        assertThat(paths(report)).containsExactly("s3://" + data + "/t/2.parquet");
        assertThat(lake.files("raw.t")).hasSize(1);
    }

    @Test
    void saysThatAPrefixIsEmpty() throws Exception {
        put("prefixed/1.parquet", List.of(1L, "a"));

        CrawlReport report = crawl("/prefix");

        assertThat(codes(report)).containsExactly("CRAWL_NOTHING_FOUND");
        assertThat(paths(report)).containsExactly("s3://" + data + "/prefix");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/prod", "/prod/", "/prod/raw"})
    void refusesTheLakesOwnPlace(String below) {
        String own = lake.location().substring(0, lake.location().lastIndexOf('/'));

        assertThatThrownBy(() -> lake.crawl(own + below, null))
                .isInstanceOfSatisfying(
                        CrawlRefused.class,
                        refused -> assertThat(refused.code()).isEqualTo(CatalogError.CRAWL_LOCATION));
    }

    @Test
    void takesAPrefixBesideTheLakeInItsBucket() throws Exception {
        String own = lake.location().substring("s3://".length(), lake.location().lastIndexOf('/'));
        server.put(own, "prod2/1.parquet", lake.write("staged.parquet", List.of(1L, "a")));

        CrawlReport report = lake.crawl("s3://" + own + "/prod2", null);

        assertThat(report.problems()).isEmpty();
        assertThat(lake.rows("raw.prod2", "id")).containsExactly("1");
    }

    @Test
    void registersFilesOfAFolderTooWhereTheLakeIsInABucket() throws Exception {
        lake.write("t/1.parquet", List.of(1L, "a"));

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).isEmpty();
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
    }

    @Test
    void refusesAnIcebergTableAndWhatIsInIt() throws Exception {
        put("ice/data/day=1/1.parquet", List.of(1L, "a"));
        server.put(data, "ice/metadata/00001-x.metadata.json", "{}");

        for (String inside : List.of("", "/ice", "/ice/data", "/ice/data/day=1")) {
            CrawlReport report = crawl(inside);

            assertThat(codes(report)).as(inside).containsExactly("CRAWL_TABLE_FORMAT");
            assertThat(paths(report)).containsExactly("s3://" + data + "/ice");
            assertThat(report.tables()).isEmpty();
        }
    }

    @Test
    void namesPartitionFoldersThatNoDiskCanHave() throws Exception {
        put("t/city=x/1.parquet", List.of(1L, "a"));
        put("t/city=" + "y".repeat(300) + "/1.parquet", List.of(2L, "a"));

        CrawlReport report = crawl("");

        assertThat(codes(report)).containsExactly("CRAWL_PARTITIONS");
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
    }
}
