package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.levada.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders of Iceberg tables that Spark, PyIceberg and others wrote.
final class IcebergFolderTest {
    @TempDir
    private Path directory;

    private static List<Path> tables(Path tables) throws IOException {
        TreeSet<Path> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(tables)) {
            files.filter(file -> file.toString().endsWith(".metadata.json"))
                    .forEach(file -> found.add(file.resolve("../..").normalize()));
        }
        return List.copyOf(found);
    }

    @Test
    void areRefusedByNameAndNoneOfTheirFilesIsRegistered() throws Exception {
        Path data = TestData.directory("iceberg-tables").toRealPath();
        List<Path> tables = tables(data);
        try (CrawledLake lake = new CrawledLake(directory)) {
            CrawlReport report = lake.crawl(data.toString(), null);

            assertThat(report.problems().stream()
                            .filter(problem -> problem.code().equals("CRAWL_TABLE_FORMAT"))
                            .map(CrawlReport.Problem::path))
                    .containsExactlyElementsOf(
                            tables.stream().map(Path::toString).toList());
            for (CrawlReport.CrawledTable made : report.tables()) {
                if (made.registered() > 0) {
                    for (DataFile file : lake.files(made.table())) {
                        assertThat(tables)
                                .noneMatch(table -> Path.of(file.location()).startsWith(table));
                    }
                }
            }
        }
    }

    @Test
    void areRefusedWhereverTheCrawlBeginsInThem() throws Exception {
        Path data = TestData.directory("iceberg-tables").toRealPath();
        try (CrawledLake lake = new CrawledLake(directory)) {
            for (Path table : tables(data)) {
                try (Stream<Path> files = Files.walk(table)) {
                    for (Path folder : files.filter(Files::isDirectory).toList()) {
                        CrawlReport report = lake.crawl(folder.toString(), "raw.taken");

                        assertThat(report.tables()).as("%s", folder).isEmpty();
                        assertThat(report.problems())
                                .as("%s", folder)
                                .extracting(CrawlReport.Problem::code, CrawlReport.Problem::path)
                                .containsExactly(tuple("CRAWL_TABLE_FORMAT", table.toString()));
                    }
                }
            }
        }
    }
}
