package io.levada.ingest.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.ChangedFiles;
import io.levada.events.FilesWritten;
import io.levada.ingest.landing.LandingSteps;
import io.levada.testing.Eventually;
import io.levada.testing.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FileSourcesIT extends FileSourcesFixture {
    @Test
    void takesFilesOnceInOrderAndGoesOnAfterARestart() throws Exception {
        put("b.csv", "id,name\n2,b\n");
        put("sub/c.csv", "id,name\n3,c\n");
        put("a.csv", "id,name\n1,a\n");
        put("ignored.csv.part", "id,name\n9,x\n");
        put(".hidden/x.csv", "id,name\n9,x\n");
        FileSources first = start();
        awaitLanded(first, 3);
        Eventually.within(
                BOUND, () -> assertThat(first.atStart()).isEqualTo(new FilesAtStart(true, Map.of(table(), 3L))));
        first.close();
        put("d.csv", "id,name\n4,d\n");

        FileSources second = start();
        awaitLanded(second, 4);
        put("copy-of-a.csv", "id,name\n1,a\n");
        awaitLanded(second, 5);

        List<FilesWritten> rows = rows();
        assertThat(numbers(rows)).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(rows.stream().map(event -> file(event).path()))
                .containsExactly("a.csv", "b.csv", "sub/c.csv", "d.csv", "copy-of-a.csv");
        assertThat(ParquetRows.query(rows, "SELECT id, name, _file FROM t ORDER BY _pos"))
                .containsExactly("1|a|a.csv", "2|b|b.csv", "3|c|sub/c.csv", "4|d|d.csv", "1|a|copy-of-a.csv");
        assertThat(status(second)).satisfies(status -> {
            assertThat(status.state()).isEqualTo(FileSourceStatus.State.WATCHING);
            assertThat(status.seen()).isEqualTo(5);
            assertThat(status.arrived()).isEqualTo(5);
            assertThat(status.lastError()).isNull();
        });
        try (Stream<Path> spooled = Files.list(directory.resolve("data/spool/" + name))) {
            assertThat(spooled).isEmpty();
        }
    }

    @Test
    void refusesNewContentUnderAKnownPath() throws Exception {
        put("a.csv", "id\n1\n");
        FileSources sources = start();
        awaitLanded(sources, 1);
        put("a.csv", "id\n1\n2\n");

        Eventually.within(BOUND, () -> assertThat(status(sources).refused()).isEqualTo(1));

        assertThat(status(sources).lastError())
                .satisfies(error -> assertThat(error.code()).isEqualTo("FILES-CHANGED"));
        put("b.csv", "id\n3\n");
        awaitLanded(sources, 2);
        assertThat(rows()).hasSize(2);
        put("a.csv", "id\n1\n");
        Eventually.within(BOUND, () -> assertThat(status(sources).refused()).isZero());
        assertThat(status(sources).lastError()).isNull();
    }

    @Test
    void appendsNewContentUnderAKnownPathOnce() throws Exception {
        changedFiles = ChangedFiles.APPEND;
        put("a.csv", "id\n1\n");
        FileSources sources = start(LandingSteps.NONE);
        awaitLanded(sources, 1);
        put("a.csv", "id\n1\n2\n");
        awaitLanded(sources, 2);

        put("a.csv", "id\n1\n");
        put("b.csv", "id\n9\n");
        awaitLanded(sources, 3);

        assertThat(ParquetRows.query(rows(), "SELECT _file, id FROM t ORDER BY _pos"))
                .containsExactly("a.csv|1", "a.csv|1", "a.csv|2", "b.csv|9");
        assertThat(sources.statuses().getFirst().refused()).isZero();
    }

    @Test
    void beginsAVersionThatReplacesAnotherWithARowThatVoidsIt() throws Exception {
        changedFiles = ChangedFiles.REPLACE;
        put("a.csv", "id\n1\n");
        put("b.csv", "id\n5\n");
        FileSources first = start();
        awaitLanded(first, 2);
        put("a.csv", "id\n2\n3\n");
        awaitLanded(first, 3);
        first.close();
        FileSources second = start();
        put("a.csv", "");
        awaitLanded(second, 4);
        put("a.csv", "id\n1\n");
        awaitLanded(second, 5);
        put("a.csv", "not\u0000csv");
        awaitLanded(second, 6);

        Eventually.within(BOUND, () -> assertThat(rows()).hasSize(6));

        assertThat(ParquetRows.query(rows(), "SELECT _file, _op, id, _line FROM t ORDER BY _pos"))
                .containsExactly(
                        "a.csv|c|1|1",
                        "b.csv|c|5|1",
                        "a.csv|d|null|null",
                        "a.csv|c|2|1",
                        "a.csv|c|3|2",
                        "a.csv|d|null|null",
                        "a.csv|d|null|null",
                        "a.csv|c|1|1");
        assertThat(status(second).refused()).isZero();
    }

    @Test
    void waitsForAFolderThatIsMissing() throws Exception {
        FileSources sources = start();
        Eventually.within(BOUND, () -> assertThat(status(sources).state()).isEqualTo(FileSourceStatus.State.MISSING));
        assertThat(sources.atStart().complete()).isFalse();

        put("a.csv", "id\n1\n");

        awaitLanded(sources, 1);
        assertThat(status(sources).lastError()).isNull();
    }

    @Test
    void landsEveryRowOfTheRetailFiles() throws Exception {
        Path data = TestData.directory("online-retail-by-day");
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(data)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".csv.gz")).toList()) {
                Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
            }
        }

        FileSources sources = start();
        awaitLanded(sources, 167);

        List<FilesWritten> rows = rows();
        assertThat(offered().size()).isEqualTo(rows.size());
        assertThat(numbers(rows))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 167).boxed().toList());
        String columns = "InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country";
        assertThat(tables.load(table()).orElseThrow().schema().columns().stream()
                        .limit(8)
                        .map(field -> field.name() + " " + field.type()))
                .containsExactly(
                        "InvoiceNo string",
                        "StockCode string",
                        "Description string",
                        "Quantity long",
                        "InvoiceDate timestamp",
                        "UnitPrice decimal(18, 3)",
                        "CustomerID decimal(18, 1)",
                        "Country string");
        String checksum = "count(*), bit_xor(hash(InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,"
                + " CustomerID, Country)), sum(hash(InvoiceNo, StockCode, Description, Quantity, InvoiceDate,"
                + " UnitPrice, CustomerID, Country)::HUGEINT)";
        String source = "SELECT InvoiceNo, StockCode, Description, Quantity::BIGINT AS Quantity,"
                + " InvoiceDate::TIMESTAMP AS InvoiceDate, UnitPrice::DECIMAL(18,3) AS UnitPrice,"
                + " CustomerID::DECIMAL(18,1) AS CustomerID, Country FROM read_csv('" + folder
                + "/*.csv.gz', all_varchar=true, header=true)";
        List<String> expected = ParquetRows.sql("SELECT " + checksum + " FROM (" + source + ")");
        assertThat(expected.getFirst()).startsWith("245903|");
        assertThat(ParquetRows.query(rows, "SELECT " + checksum + " FROM (SELECT " + columns + " FROM t)"))
                .isEqualTo(expected);
        assertThat(ParquetRows.query(rows, "SELECT count(DISTINCT _pos), count(DISTINCT (_file, _line)) FROM t"))
                .containsExactly("245903|245903");
    }
}
