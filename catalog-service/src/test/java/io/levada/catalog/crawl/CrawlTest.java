package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.events.TableProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.apache.avro.SchemaBuilder;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crawl registers.
final class CrawlTest {
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
    void registersFilesWhereTheyLieWithTheirMetrics() throws Exception {
        Path file = lake.write("sales/a.parquet", List.of(1L, "Laptop"), List.of(2L, "Mouse"));

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).isEmpty();
        assertThat(report.tables())
                .containsExactly(new CrawlReport.CrawledTable(
                        "raw.sales", lake.data().resolve("sales").toString(), 1, 0, 0, 2, Files.size(file)));
        DataFile registered = lake.files("raw.sales").getFirst();
        assertThat(registered.location()).isEqualTo(file.toString());
        assertThat(registered.recordCount()).isEqualTo(2);
        int id = lake.table("raw.sales").schema().findField("id").fieldId();
        assertThat(Conversions.<Long>fromByteBuffer(
                        Types.LongType.get(), registered.upperBounds().get(id)))
                .isEqualTo(2L);
        assertThat(lake.rows("raw.sales", "id", "product")).containsExactly("1|Laptop", "2|Mouse");
        assertThat(lake.announced).containsExactly("raw.sales");
        assertThat(lake.table("raw.sales").properties())
                .containsEntry(TableProperties.DATA_FILES, TableProperties.IN_PLACE)
                .containsEntry(
                        TableProperties.CRAWL_LOCATION,
                        lake.data().resolve("sales").toString());
    }

    @Test
    void takesPartitionsFromThePathsWithTheNarrowestExactType() throws Exception {
        lake.write("t/year=2020/month=01/day=2020-01-05/code=7/x.parquet", List.of(1L, "a"));
        lake.write("t/year=2021/month=12/day=2021-12-01/code=5000000000/x.parquet", List.of(2L, "b"));
        lake.write("t/year=2021/month=12/day=__HIVE_DEFAULT_PARTITION__/code=8/x.parquet", List.of(3L, "c"));

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).isEmpty();
        assertThat(lake.table("raw.t").schema().findType("year")).isEqualTo(Types.IntegerType.get());
        assertThat(lake.table("raw.t").schema().findType("month")).isEqualTo(Types.StringType.get());
        assertThat(lake.table("raw.t").schema().findType("day")).isEqualTo(Types.DateType.get());
        assertThat(lake.table("raw.t").schema().findType("code")).isEqualTo(Types.LongType.get());
        assertThat(lake.rows("raw.t", "id", "year", "month", "day", "code"))
                .containsExactly("1|2020|01|2020-01-05|7", "2|2021|12|2021-12-01|5000000000", "3|2021|12|null|8");
    }

    @Test
    void decodesWhatHiveEncodesInPartitionValues() throws Exception {
        lake.write("t/city=S%C3%A3o%20Paulo%2FSP/x.parquet", List.of(1L, "a"));
        lake.write("t/city=a+b%/x.parquet", List.of(2L, "a"));

        lake.crawl();

        assertThat(lake.rows("raw.t", "id", "city")).containsExactly("1|São Paulo/SP", "2|a+b%");
    }

    @Test
    void mergesColumnsByNameAndPromotesTheirTypes() throws Exception {
        lake.write(
                "t/1.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalInt("ID")
                        .optionalFloat("price")
                        .endRecord(),
                List.of(List.of(1, 1.5f)));
        lake.write(
                "t/2.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalString("note")
                        .optionalDouble("price")
                        .optionalLong("id")
                        .endRecord(),
                List.of(List.of("n", 2.5d, 5_000_000_000L)));

        CrawlReport report = lake.crawl();

        assertThat(report.problems()).isEmpty();
        assertThat(lake.rows("raw.t", "ID", "price", "note")).containsExactly("1|1.5|null", "5000000000|2.5|n");
    }

    @Test
    void makesOneTableOfAllFilesWhereItsNameIsGiven() throws Exception {
        lake.write("one/a.parquet", List.of(1L, "a"));
        lake.write("two/b.parquet", List.of(2L, "b"));
        lake.write("c.parquet", List.of(3L, "c"));

        lake.crawl(lake.data().toString(), "raw.all");

        assertThat(lake.rows("raw.all", "id")).containsExactly("1", "2", "3");
    }

    @Test
    void readsNoColumnOfAFileWhoseValuesAreInThePath() throws Exception {
        lake.write(
                "t/year=2020/a.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalLong("id")
                        .optionalString("year")
                        .endRecord(),
                List.of(List.of(1L, "other")));

        lake.crawl();

        assertThat(lake.rows("raw.t", "id", "year")).containsExactly("1|2020");
        assertThat(new TreeSet<>(lake.table("raw.t").schema().columns().stream()
                        .map(Types.NestedField::name)
                        .toList()))
                .containsExactly("id", "year");
    }
}
