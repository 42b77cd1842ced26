package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.CrawlDefinition;
import io.levada.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The definition's crawls, begun again and again.
final class CrawlScheduleTest {
    private static final Duration OFTEN = Duration.ofMillis(100);

    @TempDir
    private Path directory;

    private CrawledLake lake;
    private Crawls crawls;
    private CrawlSchedule schedule;

    @BeforeEach
    void open() throws IOException {
        lake = new CrawledLake(directory);
        crawls = lake.crawls();
        schedule = new CrawlSchedule(crawls, Map.of("a", crawl("a", OFTEN)));
    }

    @AfterEach
    void close() {
        schedule.stop();
        crawls.close();
        lake.close();
    }

    private CrawlDefinition crawl(String name, Duration every) {
        return new CrawlDefinition(name, lake.data().resolve(name).toString(), "raw." + name, every);
    }

    private long ended(String table) {
        return crawls.all().stream()
                .filter(run -> table.equals(run.table()) && run.endedAt() != null)
                .count();
    }

    private void awaitFiles(String table, int files) {
        Eventually.within(Eventually.PATIENCE, () -> {
            assertThat(lake.has(table)).isTrue();
            assertThat(lake.files(table)).hasSize(files);
        });
    }

    private void awaitEnded(String table, long times) {
        Eventually.within(
                Eventually.PATIENCE,
                () -> assertThat(ended(table)).as("crawls of %s", table).isGreaterThanOrEqualTo(times));
    }

    @Test
    void looksAtTheStartAndRegistersNewPartitionsLater() throws Exception {
        lake.write("a/day=1/1.parquet", List.of(1L, "a"));

        schedule.start();

        awaitFiles("raw.a", 1);
        lake.write("a/day=2/1.parquet", List.of(2L, "a"));
        awaitFiles("raw.a", 2);
        assertThat(lake.rows("raw.a", "id", "day")).containsExactly("1|1", "2|2");
    }

    @Test
    void takesAFolderInOnceItIsThere() throws Exception {
        schedule.start();
        Files.createDirectories(lake.data().resolve("a"));
        awaitEnded("raw.a", 1);

        lake.write("a/1.parquet", List.of(1L, "a"));

        awaitFiles("raw.a", 1);
    }

    @Test
    void beginsNothingBeforeItsStart() throws Exception {
        lake.write("a/1.parquet", List.of(1L, "a"));

        schedule.replace(Map.of("a", crawl("a", OFTEN)));

        assertThat(crawls.all()).isEmpty();
    }

    @Test
    void beginsWhatIsAddedAndNoMoreWhatIsTakenOut() throws Exception {
        lake.write("a/1.parquet", List.of(1L, "a"));
        lake.write("b/1.parquet", List.of(1L, "a"));
        schedule.start();
        awaitFiles("raw.a", 1);

        schedule.replace(Map.of("b", crawl("b", OFTEN)));

        awaitFiles("raw.b", 1);
        long before = ended("raw.a");
        long others = ended("raw.b");
        lake.write("a/2.parquet", List.of(2L, "a"));
        awaitEnded("raw.b", others + 5);
        assertThat(ended("raw.a")).isEqualTo(before);
        assertThat(lake.files("raw.a")).hasSize(1);
    }

    @Test
    void takesAnotherIntervalOver() throws Exception {
        lake.write("a/1.parquet", List.of(1L, "a"));
        schedule.replace(Map.of("a", crawl("a", Duration.ofHours(1))));
        schedule.start();
        awaitEnded("raw.a", 1);

        schedule.replace(Map.of("a", crawl("a", OFTEN)));

        awaitEnded("raw.a", 4);
    }

    @Test
    void beginsWhatDidNotChangeNoSoonerThanItWouldHave() throws Exception {
        lake.write("a/1.parquet", List.of(1L, "a"));
        lake.write("b/1.parquet", List.of(1L, "a"));
        CrawlDefinition seldom = crawl("a", Duration.ofHours(1));
        schedule.replace(Map.of("a", seldom));
        schedule.start();
        awaitEnded("raw.a", 1);

        schedule.replace(Map.of("a", seldom, "b", crawl("b", OFTEN)));

        awaitEnded("raw.b", 3);
        assertThat(ended("raw.a")).isEqualTo(1);
    }

    @Test
    void beginsNothingAfterItsStop() throws Exception {
        lake.write("a/1.parquet", List.of(1L, "a"));
        schedule.start();
        awaitFiles("raw.a", 1);

        schedule.stop();

        schedule.replace(Map.of("b", crawl("b", OFTEN)));

        assertThat(schedule.isRunning()).isFalse();
        Eventually.within(Eventually.PATIENCE, () -> assertThat(crawls.all()).allMatch(run -> run.endedAt() != null));
        lake.write("a/2.parquet", List.of(2L, "a"));
        assertThat(crawls.all()).noneMatch(run -> "raw.b".equals(run.table()));
        assertThat(lake.files("raw.a")).hasSize(1);
    }
}
