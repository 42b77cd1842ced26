package io.levada.catalog.crawl;

import static io.levada.catalog.crawl.CrawledLake.SALES;
import static io.levada.catalog.crawl.CrawledLake.codes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CommitStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crawl does where there was one before, or another one at the same time.
final class CrawlAgainTest {
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
    void addsNewFilesAndColumnsAndRepeatsNothing() throws Exception {
        lake.write("t/year=2020/a.parquet", List.of(1L, "a"));
        lake.crawl();
        CrawlReport again = lake.crawl();
        long snapshots = StreamSupport.stream(lake.table("raw.t").snapshots().spliterator(), false)
                .count();
        lake.write(
                "t/year=5000000000/b.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalString("extra")
                        .optionalLong("id")
                        .endRecord(),
                List.of(List.of("e", 2L)));

        CrawlReport report = lake.crawl();

        assertThat(again.tables().getFirst().known()).isEqualTo(1);
        assertThat(snapshots).isEqualTo(1);
        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(lake.rows("raw.t", "id", "year", "extra")).containsExactly("1|2020|null", "2|5000000000|e");
    }

    @Test
    void registersEachFileOnceWhereItWasKilledBeforeOrAfterTheCommit() throws Exception {
        for (int i = 0; i < 5; i++) {
            lake.write("t/" + i + ".parquet", SALES, List.of(List.of((long) i, "a")));
        }
        for (CommitStep killed : List.of(CommitStep.BEFORE_COMMIT, CommitStep.AFTER_COMMIT)) {
            lake.steps = (step, _) -> {
                if (step == killed) {
                    throw new IllegalStateException("killed at " + step);
                }
            };
            assertThatThrownBy(() -> lake.crawl()).hasMessageContaining("killed at " + killed);
        }
        lake.steps = (_, _) -> {};

        CrawlReport report = lake.crawl();

        assertThat(report.tables().getFirst().known()).isEqualTo(5);
        assertThat(lake.files("raw.t")).hasSize(5);
        assertThat(lake.rows("raw.t", "id")).containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void registersEachFileOnceWhereAnotherCrawlCommitsInBetween() throws Exception {
        lake.write("t/1.parquet", List.of(1L, "a"));
        lake.crawl();
        lake.write("t/2.parquet", List.of(2L, "b"));
        boolean[] between = {false};
        Progress[] outer = {lake.progress};
        lake.steps = (step, _) -> {
            if (step == CommitStep.BEFORE_COMMIT && !between[0]) {
                between[0] = true;
                outer[0] = lake.progress;
                lake.crawl();
            }
        };

        CrawlReport report = lake.crawl();

        assertThat(between[0]).isTrue();
        assertThat(outer[0].state().inspected()).isEqualTo(2);
        assertThat(report.problems()).isEmpty();
        assertThat(lake.files("raw.t"))
                .extracting(DataFile::location)
                .doesNotHaveDuplicates()
                .hasSize(2);
        assertThat(lake.rows("raw.t", "id")).containsExactly("1", "2");
    }

    @Test
    void namesFilesThatAreGoneOrHaveChanged() throws Exception {
        lake.write("t/1.parquet", List.of(1L, "a"));
        lake.write("t/2.parquet", List.of(2L, "b"));
        lake.crawl();
        Files.delete(lake.data().resolve("t/1.parquet"));
        Files.delete(lake.data().resolve("t/2.parquet"));
        lake.write("t/2.parquet", List.of(2L, "b"), List.of(3L, "a much longer text than before"));

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsExactlyInAnyOrder("CRAWL_FILE_CHANGED", "CRAWL_FILE_GONE");
        assertThat(lake.files("raw.t")).hasSize(2);
    }

    @Test
    void leavesOutOfATableWhatDoesNotFitIt() throws Exception {
        lake.write("t/1.parquet", List.of(1L, "a"));
        lake.crawl();
        lake.write(
                "t/2.parquet",
                SchemaBuilder.record("r").fields().optionalString("id").endRecord(),
                List.of(List.of("x")));
        lake.write("t/3.parquet", List.of(3L, "c"));

        CrawlReport report = lake.crawl();

        assertThat(codes(report)).containsExactly("CRAWL_SCHEMA_CONFLICT");
        assertThat(lake.rows("raw.t", "id")).containsExactly("1", "3");
    }

    @Test
    void takesNoTableThatIsAnotherOnes() throws Exception {
        lake.write("a/t/1.parquet", List.of(1L, "a"));
        lake.crawl(lake.data().toString(), "raw.t");

        CrawlReport report = lake.crawl(lake.data().resolve("a/t").toString(), "raw.t");

        assertThat(codes(report)).containsExactly("CRAWL_TABLE_TAKEN");
        assertThat(lake.files("raw.t")).hasSize(1);
    }

    @Test
    void readsNoFooterOfAFileThatIsRegistered() throws Exception {
        Path file = lake.write("t/1.parquet", List.of(1L, "a"));
        lake.crawl();
        Files.write(file, new byte[(int) Files.size(file)]);

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).isEmpty();
        assertThat(report.tables().getFirst().known()).isEqualTo(1);
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        for (long i = 0; i < 3; i++) {
            lake.write("t/" + i + ".parquet", List.of(i, "a"));
        }
        List<Progress.State> seen = new ArrayList<>();
        lake.steps = (_, _) -> seen.add(lake.progress.state());

        lake.crawl();

        assertThat(seen)
                .containsExactly(new Progress.State(3, 3, 3, 0, "raw.t"), new Progress.State(3, 3, 3, 0, "raw.t"));
        assertThat(lake.progress.state()).isEqualTo(new Progress.State(3, 3, 3, 3, "raw.t"));
    }
}
