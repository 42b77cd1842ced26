package io.levada.catalog.crawl;

import static io.levada.catalog.crawl.CrawledLake.codes;
import static io.levada.catalog.crawl.CrawledLake.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.levada.catalog.CatalogError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crawl does not register, and names instead.
final class CrawlRefusalTest {
    @TempDir
    private Path directory;

    private CrawledLake lake;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        lake = new CrawledLake(directory);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void registersNothingOfANewTableWhoseFilesContradictEachOther() throws Exception {
        lake.write("t/1.parquet", List.of(1L, "a"));
        lake.write(
                "t/2.parquet",
                SchemaBuilder.record("r").fields().optionalString("id").endRecord(),
                List.of(List.of("x")));
        lake.write(
                "t/3.parquet",
                SchemaBuilder.record("r").fields().optionalLong("product").endRecord(),
                List.of(List.of(3L)));

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsExactly("CRAWL_SCHEMA_CONFLICT", "CRAWL_SCHEMA_CONFLICT");
        assertThat(report.problems())
                .extracting(CrawlReport.Problem::path)
                .containsExactly(
                        lake.data().resolve("t/2.parquet").toString(),
                        lake.data().resolve("t/3.parquet").toString());
        assertThat(report.problems().getFirst().detail())
                .contains("id")
                .contains("string")
                .contains("long");
        assertThat(lake.has("raw.t")).isFalse();
    }

    @Test
    void namesEveryBrokenFileAndRegistersTheOthers() throws Exception {
        lake.write("t/good.parquet", List.of(1L, "a"));
        Files.writeString(lake.data().resolve("t/text.parquet"), "not Parquet at all, only its name says so");
        Files.write(lake.data().resolve("t/empty.parquet"), new byte[0]);
        byte[] whole = Files.readAllBytes(lake.data().resolve("t/good.parquet"));
        Files.write(lake.data().resolve("t/cut.parquet"), Arrays.copyOf(whole, whole.length - 20));

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsOnly("CRAWL_FILE_BROKEN").hasSize(3);
        assertThat(report.problems())
                .extracting(problem -> Path.of(problem.path()).getFileName().toString())
                .containsExactly("cut.parquet", "empty.parquet", "text.parquet");
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
    }

    @Test
    void leavesOutFilesThatArePartitionedOtherwise() throws Exception {
        lake.write("t/year=2020/a.parquet", List.of(1L, "a"));
        lake.write("t/year=2021/a.parquet", List.of(2L, "a"));
        lake.write("t/b.parquet", List.of(3L, "b"));
        lake.write("t/month=1/c.parquet", List.of(4L, "b"));

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsExactly("CRAWL_PARTITIONS", "CRAWL_PARTITIONS");
        assertThat(lake.rows("raw.t", "id", "year")).containsExactly("1|2020", "2|2021");
    }

    @Test
    void advisesAFileSourceForCsvAndJson() throws Exception {
        Files.createDirectories(lake.data().resolve("in"));
        Files.writeString(lake.data().resolve("in/a.csv"), "id\n1\n");
        Files.writeString(lake.data().resolve("in/b.jsonl"), "{}\n");
        Files.writeString(lake.data().resolve("in/readme.txt"), "x");

        CrawlReport report = lake.crawl();

        assertThat(report.tables()).isEmpty();
        assertThat(report.advice()).extracting(CrawlReport.Advice::format).containsExactly("csv", "json");
        assertThat(report.advice().getFirst().yaml())
                .contains("type: files")
                .contains(lake.data().resolve("in").toString());
        assertThat(report.ignored()).isEqualTo(1);
    }

    @Test
    void refusesFoldersOfOtherTableFormats() throws Exception {
        lake.write("delta/a.parquet", List.of(1L, "a"));
        Files.createDirectories(lake.data().resolve("delta/_delta_log"));
        Files.writeString(lake.data().resolve("delta/_delta_log/0.json"), "{}");
        lake.write("ice/data/a.parquet", List.of(1L, "a"));
        Files.createDirectories(lake.data().resolve("ice/metadata"));
        Files.writeString(lake.data().resolve("ice/metadata/v1.metadata.json"), "{}");

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsExactly("CRAWL_TABLE_FORMAT", "CRAWL_TABLE_FORMAT");
        assertThat(report.tables()).isEmpty();
    }

    @Test
    void refusesALocationInsideOfATableOfAnotherFormat() throws Exception {
        lake.write("ice/data/day=1/a.parquet", List.of(1L, "a"));
        Files.createDirectories(lake.data().resolve("ice/metadata"));
        Path older = Files.writeString(lake.data().resolve("ice/metadata/v9.metadata.json"), "{}");
        Files.setLastModifiedTime(older, FileTime.fromMillis(1));
        Path newest = Files.writeString(lake.data().resolve("ice/metadata/v10.metadata.json"), "{}");

        for (String inside : List.of("ice/data", "ice/data/day=1")) {
            CrawlReport report = lake.crawl(lake.data().resolve(inside).toString(), "raw.t");

            assertThat(codes(report)).containsExactly("CRAWL_TABLE_FORMAT");
            assertThat(report.problems().getFirst().path())
                    .isEqualTo(lake.data().resolve("ice").toString());
            assertThat(report.problems().getFirst().detail()).contains(newest.toString());
            assertThat(report.problems().getFirst().nextStep())
                    .contains("POST /iceberg/v1/namespaces/{namespace}/register");
            assertThat(lake.has("raw.t")).isFalse();
        }
    }

    @Test
    void takesAFolderNamedMetadataForWhatItIs() throws Exception {
        lake.write("metadata/a.parquet", List.of(1L, "a"));
        lake.write("metadata/deeper/b.parquet", List.of(2L, "b"));

        CrawlReport report = lake.crawl(lake.data().resolve("metadata").toString(), "raw.t");

        assertThat(report.problems()).isEmpty();
        assertThat(lake.rows("raw.t", "id")).containsExactly("1", "2");
    }

    @Test
    void namesLinksAndLeavesHiddenFilesOut() throws Exception {
        Path elsewhere = lake.write("../elsewhere.parquet", List.of(9L, "secret"));
        Path folder = Files.createDirectories(directory.resolve("folder"));
        Path text = Files.writeString(directory.resolve("readme.txt"), "x");
        lake.write("t/a.parquet", List.of(1L, "a"));
        Files.createSymbolicLink(lake.data().resolve("t/link.parquet"), elsewhere);
        Files.createSymbolicLink(lake.data().resolve("t/year=2020"), folder);
        Files.createSymbolicLink(lake.data().resolve("t/dangling"), directory.resolve("nothing"));
        Files.createSymbolicLink(lake.data().resolve("t/readme.txt"), text);
        Files.createSymbolicLink(lake.data().resolve("t/.hidden"), folder);
        Files.copy(lake.data().resolve("t/a.parquet"), lake.data().resolve("t/_temporary.parquet"));
        Files.copy(lake.data().resolve("t/a.parquet"), lake.data().resolve("t/.a.parquet"));

        CrawlReport report = lake.crawl();

        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
        assertThat(codes(report)).containsOnly("CRAWL_LINK");
        assertThat(paths(report))
                .containsExactly(
                        lake.data().resolve("t/dangling").toString(),
                        lake.data().resolve("t/link.parquet").toString(),
                        lake.data().resolve("t/year=2020").toString());
        assertThat(report.problems().getLast().detail()).contains(folder.toString());
    }

    @Test
    void namesNoMoreThanAHundredLinksAndCountsTheOthers() throws Exception {
        lake.write("t/a.parquet", List.of(1L, "a"));
        for (int i = 0; i < 150; i++) {
            Files.createSymbolicLink(lake.data().resolve("t/%03d.parquet".formatted(i)), directory);
        }

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).hasSize(101);
        assertThat(paths(report))
                .startsWith(lake.data().resolve("t/000.parquet").toString())
                .endsWith(
                        lake.data().resolve("t/099.parquet").toString(),
                        lake.data().toString());
        assertThat(report.problems().getLast().detail()).contains("50 more links");
    }

    @Test
    void tellsFilesWithoutAnExtensionByTheirEnds() throws Exception {
        Path hive = lake.write("t/000000_0", List.of(1L, "a"));
        Files.writeString(lake.data().resolve("t/LICENSE"), "This is a text, and none of Parquet's.");
        Files.writeString(lake.data().resolve("t/tiny"), "x");
        Files.createDirectories(lake.data().resolve("docs"));
        Files.writeString(lake.data().resolve("docs/README"), "Another text, in a folder of texts.");
        byte[] whole = Files.readAllBytes(hive);
        whole[whole.length - 6] = 127;
        Files.write(lake.data().resolve("t/000001_0"), whole);

        CrawlReport report = lake.crawl();

        assertThat(report.tables())
                .extracting(CrawlReport.CrawledTable::table, CrawlReport.CrawledTable::left)
                .containsExactly(tuple("raw.t", 1L));
        assertThat(paths(report))
                .containsExactly(lake.data().resolve("t/000001_0").toString());
        assertThat(report.ignored()).isEqualTo(3);
        assertThat(lake.rows("raw.t", "id")).containsExactly("1");
    }

    @Test
    void refusesALocationThatWouldBeTooManyTables() throws Exception {
        for (int i = 0; i <= Found.MOST_TABLES; i++) {
            Path folder = Files.createDirectories(lake.data().resolve("t" + i));
            Files.writeString(folder.resolve("a.parquet"), "");
        }

        assertThatThrownBy(() -> lake.crawl())
                .isInstanceOfSatisfying(
                        CrawlRefused.class, e -> assertThat(e.code()).isEqualTo(CatalogError.CRAWL_TOO_LARGE));
        assertThat(codes(lake.crawl(lake.data().toString(), "raw.all"))).containsOnly("CRAWL_FILE_BROKEN");
    }

    @Test
    void refusesLocationsThatAreNoFolderOrTheLakesOwn() throws Exception {
        Files.createDirectories(directory.resolve("lake/raw"));
        Path file = lake.write("a.parquet", List.of(1L, "a"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("lake"));
        for (String written : List.of(
                directory.resolve("nothing").toString(),
                file.toString(),
                "relative/folder",
                "/",
                directory.toString(),
                lake.location(),
                directory.resolve("lake/raw").toString(),
                directory.resolve("data/../lake").toString(),
                link.toString(),
                "gs://bucket/prefix")) {
            assertThatThrownBy(() -> CrawlLocation.of(written, lake.location(), lake.buckets()))
                    .as(written)
                    .isInstanceOfSatisfying(
                            CrawlRefused.class, e -> assertThat(e.code()).isEqualTo(CatalogError.CRAWL_LOCATION));
        }
    }

    @Test
    void saysWhatIsPossibleWhereTheLakeIsInAFolderAndTheFilesAreInABucket() {
        assertThatThrownBy(() -> lake.crawl("s3://bucket/prefix", null))
                .isInstanceOfSatisfying(CrawlRefused.class, e -> {
                    assertThat(e.code()).isEqualTo(CatalogError.CRAWL_LAKE_IN_FOLDER);
                    assertThat(e.detail()).contains("s3://bucket/prefix").contains(lake.location());
                    assertThat(e.code().nextStep()).contains("format: parquet");
                });
    }
}
