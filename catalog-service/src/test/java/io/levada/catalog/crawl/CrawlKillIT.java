package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CrawlKillIT {
    private static final int FILES = 600;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(HaltingCrawl.Moment.class)
    void aKillLosesNoFileAndTheNextCrawlRegistersEachOnce(HaltingCrawl.Moment moment) throws Exception {
        // Given two folders of many files
        try (CrawledLake lake = new CrawledLake(directory)) {
            Path file = lake.write("staged", List.of(1L, "a"));
            for (String folder : List.of("a", "b")) {
                link(file, lake.data().resolve(folder));
            }
            Files.delete(file);
        }

        // When the process is killed while it registers the second one
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HaltingCrawl.class.getName(),
                        directory.toString(),
                        "raw.b",
                        moment.name(),
                        Integer.toString(FILES + FILES / 2))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("halted.log").toFile())
                .start();
        assertThat(process.waitFor()).isEqualTo(HaltingCrawl.HALTED);

        // Then all of it or nothing is registered, and the next crawl registers the rest, each file once
        try (CrawledLake lake = new CrawledLake(directory)) {
            assertThat(lake.files("raw.a")).hasSize(FILES);
            assertThat(lake.has("raw.b")).isEqualTo(moment == HaltingCrawl.Moment.AFTER_COMMIT);

            CrawlReport report = lake.crawl();

            assertThat(report.problems()).isEmpty();
            assertThat(report.tables())
                    .extracting(CrawlReport.CrawledTable::known)
                    .containsExactly((long) FILES, moment == HaltingCrawl.Moment.AFTER_COMMIT ? (long) FILES : 0L);
            for (String table : List.of("raw.a", "raw.b")) {
                assertThat(lake.files(table))
                        .hasSize(FILES)
                        .extracting(DataFile::location)
                        .doesNotHaveDuplicates();
                assertThat(lake.table(table).currentSnapshot().summary()).containsEntry("total-records", "" + FILES);
            }
        }
    }

    private static void link(Path file, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < FILES; i++) {
            Files.createLink(folder.resolve(i + ".parquet"), file);
        }
    }
}
