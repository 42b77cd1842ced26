package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders of very many files: `-Dlevada.crawl.files=100000 -Dlevada.crawl.heap=48m` makes it more.
final class CrawlManyFilesIT {
    private static final int FILES = Integer.getInteger("levada.crawl.files", 30_000);
    private static final int PARTITIONS = 100;

    /// Some 22 MB are needed for no file at all, and 150 bytes for each one.
    private static final String HEAP = System.getProperty("levada.crawl.heap", "32m");

    @TempDir
    private Path directory;

    private void crawl(String wanted) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyFilesCrawl.class.getName(),
                        directory.toString(),
                        wanted)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("crawl.log").toFile())
                .start();
        int exit = process.waitFor();
        assertThat(exit)
                .as(() -> {
                    try {
                        return Files.readString(directory.resolve("crawl.log"));
                    } catch (java.io.IOException e) {
                        return e.toString();
                    }
                })
                .isZero();
    }

    @Test
    void areOneCommitOfManyManifestsAndASmallHeapIsEnough() throws Exception {
        try (CrawledLake lake = new CrawledLake(directory)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                Path first = lake.write("day=" + partition + "/0.parquet", List.of((long) partition, "a"));
                for (int file = 1; file < FILES / PARTITIONS; file++) {
                    Files.createLink(first.resolveSibling(file + ".parquet"), first);
                }
            }
        }

        crawl(FILES + " 0 0");

        try (CrawledLake lake = new CrawledLake(directory)) {
            Table table = lake.table("raw.many");
            assertThat(table.snapshots()).hasSize(1);
            assertThat(table.currentSnapshot().summary()).containsEntry("total-data-files", Integer.toString(FILES));
            assertThat(table.currentSnapshot().allManifests(table.io()))
                    .extracting(ManifestFile::addedFilesCount)
                    .containsOnly(5_000);
            lake.write("day=0/new.parquet", List.of(7L, "a"));
        }

        crawl("1 " + FILES + " 0");

        try (CrawledLake lake = new CrawledLake(directory)) {
            assertThat(lake.table("raw.many").currentSnapshot().summary())
                    .containsEntry("total-data-files", Integer.toString(FILES + 1))
                    .containsEntry("added-data-files", "1");
        }
    }
}
