package io.levada.catalog.crawl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.PartitionUtil;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a crawl registers, and what it names instead.
final class CrawlTest {
    private static final Schema SALES = SchemaBuilder.record("sales")
            .fields()
            .optionalLong("id")
            .optionalString("product")
            .endRecord();

    @TempDir
    Path directory;

    private final List<String> announced = new ArrayList<>();
    private CommitSteps steps = (_, _) -> {};
    private JdbcCatalog catalog;
    private Path data;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        data = Files.createDirectories(directory.resolve("data"));
        catalog = CatalogDatabase.open(directory.resolve("own"), lake());
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private String lake() {
        return directory.resolve("lake").toString();
    }

    private CrawlReport crawl(@Nullable String table) {
        CrawlLocation location = CrawlLocation.of(data.toString(), lake(), new LocalFileIO());
        return new Crawl(catalog, new LakeLayout(lake()), steps, announced::add, location, table, new Progress()).run();
    }

    private Path write(String path, Schema schema, List<List<?>> rows) throws IOException {
        Path file = data.resolve(path);
        Files.createDirectories(file.getParent());
        try (ParquetWriter<GenericRecord> writer = AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
                .withSchema(schema)
                .withConf(new PlainParquetConfiguration())
                .build()) {
            for (List<?> row : rows) {
                GenericRecord record = new GenericData.Record(schema);
                for (int i = 0; i < row.size(); i++) {
                    record.put(i, row.get(i));
                }
                writer.write(record);
            }
        }
        return file;
    }

    private Table table(String name) {
        return catalog.loadTable(LakeCatalog.identifier(name));
    }

    private List<DataFile> files(String name) throws IOException {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                table(name).newScan().includeColumnStats().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        }
        return files;
    }

    /// Read by Iceberg with the table's name mapping, as engines do.
    private List<String> rows(String name, String... columns) throws IOException {
        Table table = table(name);
        NameMapping mapping = NameMappingParser.fromJson(Objects.requireNonNull(
                table.properties().get(org.apache.iceberg.TableProperties.DEFAULT_NAME_MAPPING)));
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                try (CloseableIterable<Record> records = Parquet.read(
                                table.io().newInputFile(task.file().location()))
                        .project(table.schema())
                        .withNameMapping(mapping)
                        .createReaderFunc(type -> GenericParquetReaders.buildReader(
                                table.schema(),
                                type,
                                PartitionUtil.constantsMap(task, IdentityPartitionConverters::convertConstant)))
                        .build()) {
                    records.forEach(record -> rows.add(row(record, columns)));
                }
            }
        }
        rows.sort(null);
        return rows;
    }

    private static String row(Record record, String... columns) {
        return Stream.of(columns)
                .map(column -> Objects.toString(record.getField(column)))
                .collect(Collectors.joining("|"));
    }

    private static List<String> codes(CrawlReport report) {
        return report.problems().stream().map(CrawlReport.Problem::code).toList();
    }

    @Test
    void registersFilesWhereTheyLieWithTheirMetrics() throws Exception {
        Path file = write("sales/a.parquet", SALES, List.of(List.of(1L, "Laptop"), List.of(2L, "Mouse")));

        CrawlReport report = crawl(null);

        assertThat(report.problems()).isEmpty();
        assertThat(report.tables())
                .containsExactly(new CrawlReport.CrawledTable(
                        "raw.sales", data.resolve("sales").toString(), 1, 0, 0, 2, Files.size(file)));
        DataFile registered = files("raw.sales").getFirst();
        assertThat(registered.location()).isEqualTo(file.toString());
        assertThat(registered.recordCount()).isEqualTo(2);
        int id = table("raw.sales").schema().findField("id").fieldId();
        assertThat(Conversions.<Long>fromByteBuffer(
                        Types.LongType.get(), registered.upperBounds().get(id)))
                .isEqualTo(2L);
        assertThat(rows("raw.sales", "id", "product")).containsExactly("1|Laptop", "2|Mouse");
        assertThat(announced).containsExactly("raw.sales");
        assertThat(table("raw.sales").properties())
                .containsEntry(TableProperties.DATA_FILES, TableProperties.IN_PLACE)
                .containsEntry(
                        TableProperties.CRAWL_LOCATION, data.resolve("sales").toString());
    }

    @Test
    void takesPartitionsFromThePathsWithTheNarrowestExactType() throws Exception {
        write("t/year=2020/month=01/day=2020-01-05/code=7/x.parquet", SALES, List.of(List.of(1L, "a")));
        write("t/year=2021/month=12/day=2021-12-01/code=5000000000/x.parquet", SALES, List.of(List.of(2L, "b")));
        write("t/year=2021/month=12/day=__HIVE_DEFAULT_PARTITION__/code=8/x.parquet", SALES, List.of(List.of(3L, "c")));

        CrawlReport report = crawl(null);

        assertThat(report.problems()).isEmpty();
        assertThat(table("raw.t").schema().findType("year")).isEqualTo(Types.IntegerType.get());
        assertThat(table("raw.t").schema().findType("month")).isEqualTo(Types.StringType.get());
        assertThat(table("raw.t").schema().findType("day")).isEqualTo(Types.DateType.get());
        assertThat(table("raw.t").schema().findType("code")).isEqualTo(Types.LongType.get());
        assertThat(rows("raw.t", "id", "year", "month", "day", "code"))
                .containsExactly("1|2020|01|2020-01-05|7", "2|2021|12|2021-12-01|5000000000", "3|2021|12|null|8");
    }

    @Test
    void decodesWhatHiveEncodesInPartitionValues() throws Exception {
        write("t/city=S%C3%A3o%20Paulo%2FSP/x.parquet", SALES, List.of(List.of(1L, "a")));
        write("t/city=a+b%/x.parquet", SALES, List.of(List.of(2L, "a")));

        crawl(null);

        assertThat(rows("raw.t", "id", "city")).containsExactly("1|São Paulo/SP", "2|a+b%");
    }

    @Test
    void mergesColumnsByNameAndPromotesTheirTypes() throws Exception {
        write(
                "t/1.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalInt("ID")
                        .optionalFloat("price")
                        .endRecord(),
                List.of(List.of(1, 1.5f)));
        write(
                "t/2.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalString("note")
                        .optionalDouble("price")
                        .optionalLong("id")
                        .endRecord(),
                List.of(List.of("n", 2.5d, 5_000_000_000L)));

        CrawlReport report = crawl(null);

        assertThat(report.problems()).isEmpty();
        assertThat(rows("raw.t", "ID", "price", "note")).containsExactly("1|1.5|null", "5000000000|2.5|n");
    }

    @Test
    void registersNothingOfANewTableWhoseFilesContradictEachOther() throws Exception {
        write("t/1.parquet", SALES, List.of(List.of(1L, "a")));
        write(
                "t/2.parquet",
                SchemaBuilder.record("r").fields().optionalString("id").endRecord(),
                List.of(List.of("x")));
        write(
                "t/3.parquet",
                SchemaBuilder.record("r").fields().optionalLong("product").endRecord(),
                List.of(List.of(3L)));

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsExactly("CRAWL_SCHEMA_CONFLICT", "CRAWL_SCHEMA_CONFLICT");
        assertThat(report.problems())
                .extracting(CrawlReport.Problem::path)
                .containsExactly(
                        data.resolve("t/2.parquet").toString(),
                        data.resolve("t/3.parquet").toString());
        assertThat(report.problems().getFirst().detail())
                .contains("id")
                .contains("string")
                .contains("long");
        assertThat(catalog.tableExists(LakeCatalog.identifier("raw.t"))).isFalse();
    }

    @Test
    void leavesOutOfATableWhatDoesNotFitIt() throws Exception {
        write("t/1.parquet", SALES, List.of(List.of(1L, "a")));
        crawl(null);
        write(
                "t/2.parquet",
                SchemaBuilder.record("r").fields().optionalString("id").endRecord(),
                List.of(List.of("x")));
        write("t/3.parquet", SALES, List.of(List.of(3L, "c")));

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsExactly("CRAWL_SCHEMA_CONFLICT");
        assertThat(rows("raw.t", "id")).containsExactly("1", "3");
    }

    @Test
    void namesEveryBrokenFileAndRegistersTheOthers() throws Exception {
        write("t/good.parquet", SALES, List.of(List.of(1L, "a")));
        Files.writeString(data.resolve("t/text.parquet"), "not Parquet at all, only its name says so");
        Files.write(data.resolve("t/empty.parquet"), new byte[0]);
        byte[] whole = Files.readAllBytes(data.resolve("t/good.parquet"));
        Files.write(data.resolve("t/cut.parquet"), Arrays.copyOf(whole, whole.length - 20));

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsOnly("CRAWL_FILE_BROKEN").hasSize(3);
        assertThat(report.problems())
                .extracting(problem -> Path.of(problem.path()).getFileName().toString())
                .containsExactly("cut.parquet", "empty.parquet", "text.parquet");
        assertThat(rows("raw.t", "id")).containsExactly("1");
    }

    @Test
    void addsNewFilesAndColumnsAndRepeatsNothing() throws Exception {
        write("t/year=2020/a.parquet", SALES, List.of(List.of(1L, "a")));
        crawl(null);
        CrawlReport again = crawl(null);
        long snapshots = StreamSupport.stream(table("raw.t").snapshots().spliterator(), false)
                .count();
        write(
                "t/year=5000000000/b.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalString("extra")
                        .optionalLong("id")
                        .endRecord(),
                List.of(List.of("e", 2L)));

        CrawlReport report = crawl(null);

        assertThat(again.tables().getFirst().known()).isEqualTo(1);
        assertThat(snapshots).isEqualTo(1);
        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(rows("raw.t", "id", "year", "extra")).containsExactly("1|2020|null", "2|5000000000|e");
    }

    @Test
    void registersEachFileOnceWhereItWasKilledBeforeOrAfterTheCommit() throws Exception {
        for (int i = 0; i < 5; i++) {
            write("t/" + i + ".parquet", SALES, List.of(List.of((long) i, "a")));
        }
        for (CommitStep killed : List.of(CommitStep.BEFORE_COMMIT, CommitStep.AFTER_COMMIT)) {
            steps = (step, _) -> {
                if (step == killed) {
                    throw new IllegalStateException("killed at " + step);
                }
            };
            assertThatThrownBy(() -> crawl(null)).hasMessageContaining("killed at " + killed);
        }
        steps = (_, _) -> {};

        CrawlReport report = crawl(null);

        assertThat(report.tables().getFirst().known()).isEqualTo(5);
        assertThat(files("raw.t")).hasSize(5);
        assertThat(rows("raw.t", "id")).containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void registersEachFileOnceWhereAnotherCrawlCommitsInBetween() throws Exception {
        write("t/1.parquet", SALES, List.of(List.of(1L, "a")));
        crawl(null);
        write("t/2.parquet", SALES, List.of(List.of(2L, "b")));
        boolean[] between = {false};
        steps = (step, _) -> {
            if (step == CommitStep.BEFORE_COMMIT && !between[0]) {
                between[0] = true;
                crawl(null);
            }
        };

        CrawlReport report = crawl(null);

        assertThat(between[0]).isTrue();
        assertThat(report.problems()).isEmpty();
        assertThat(files("raw.t"))
                .extracting(DataFile::location)
                .doesNotHaveDuplicates()
                .hasSize(2);
        assertThat(rows("raw.t", "id")).containsExactly("1", "2");
    }

    @Test
    void namesFilesThatAreGoneOrHaveChanged() throws Exception {
        write("t/1.parquet", SALES, List.of(List.of(1L, "a")));
        write("t/2.parquet", SALES, List.of(List.of(2L, "b")));
        crawl(null);
        Files.delete(data.resolve("t/1.parquet"));
        Files.delete(data.resolve("t/2.parquet"));
        write("t/2.parquet", SALES, List.of(List.of(2L, "b"), List.of(3L, "a much longer text than before")));

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsExactlyInAnyOrder("CRAWL_FILE_CHANGED", "CRAWL_FILE_GONE");
        assertThat(files("raw.t")).hasSize(2);
    }

    @Test
    void makesOneTableOfAllFilesWhereItsNameIsGiven() throws Exception {
        write("one/a.parquet", SALES, List.of(List.of(1L, "a")));
        write("two/b.parquet", SALES, List.of(List.of(2L, "b")));
        write("c.parquet", SALES, List.of(List.of(3L, "c")));

        crawl("raw.all");

        assertThat(rows("raw.all", "id")).containsExactly("1", "2", "3");
    }

    @Test
    void leavesOutFilesThatArePartitionedOtherwise() throws Exception {
        write("t/year=2020/a.parquet", SALES, List.of(List.of(1L, "a")));
        write("t/year=2021/a.parquet", SALES, List.of(List.of(2L, "a")));
        write("t/b.parquet", SALES, List.of(List.of(3L, "b")));
        write("t/month=1/c.parquet", SALES, List.of(List.of(4L, "b")));

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsExactly("CRAWL_PARTITIONS", "CRAWL_PARTITIONS");
        assertThat(rows("raw.t", "id", "year")).containsExactly("1|2020", "2|2021");
    }

    @Test
    void advisesAFileSourceForCsvAndJson() throws Exception {
        Files.createDirectories(data.resolve("in"));
        Files.writeString(data.resolve("in/a.csv"), "id\n1\n");
        Files.writeString(data.resolve("in/b.jsonl"), "{}\n");
        Files.writeString(data.resolve("in/readme.txt"), "x");

        CrawlReport report = crawl(null);

        assertThat(report.tables()).isEmpty();
        assertThat(report.advice()).extracting(CrawlReport.Advice::format).containsExactly("csv", "json");
        assertThat(report.advice().getFirst().yaml())
                .contains("type: files")
                .contains(data.resolve("in").toString());
        assertThat(report.ignored()).isEqualTo(1);
    }

    @Test
    void refusesFoldersOfOtherTableFormats() throws Exception {
        write("delta/a.parquet", SALES, List.of(List.of(1L, "a")));
        Files.createDirectories(data.resolve("delta/_delta_log"));
        Files.writeString(data.resolve("delta/_delta_log/0.json"), "{}");
        write("ice/data/a.parquet", SALES, List.of(List.of(1L, "a")));
        Files.createDirectories(data.resolve("ice/metadata"));
        Files.writeString(data.resolve("ice/metadata/v1.metadata.json"), "{}");

        CrawlReport report = crawl(null);

        assertThat(codes(report)).containsExactly("CRAWL_TABLE_FORMAT", "CRAWL_TABLE_FORMAT");
        assertThat(report.tables()).isEmpty();
    }

    @Test
    void leavesOutLinksThatLeadOutOfTheLocationAndHiddenFiles() throws Exception {
        Path elsewhere = write("../elsewhere.parquet", SALES, List.of(List.of(9L, "secret")));
        write("t/a.parquet", SALES, List.of(List.of(1L, "a")));
        Files.createSymbolicLink(data.resolve("t/link.parquet"), elsewhere);
        Files.copy(data.resolve("t/a.parquet"), data.resolve("t/_temporary.parquet"));
        Files.copy(data.resolve("t/a.parquet"), data.resolve("t/.a.parquet"));

        CrawlReport report = crawl(null);

        assertThat(report.tables().getFirst().registered()).isEqualTo(1);
        assertThat(rows("raw.t", "id")).containsExactly("1");
    }

    @Test
    void refusesLocationsThatAreNoFolderOrTheLakesOwn() throws Exception {
        Files.createDirectories(directory.resolve("lake/raw"));
        Path file = write("a.parquet", SALES, List.of(List.of(1L, "a")));
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("lake"));
        for (String written : List.of(
                directory.resolve("nothing").toString(),
                file.toString(),
                "relative/folder",
                "/",
                directory.toString(),
                lake(),
                directory.resolve("lake/raw").toString(),
                directory.resolve("data/../lake").toString(),
                link.toString(),
                "s3://bucket/prefix")) {
            assertThatThrownBy(() -> CrawlLocation.of(written, lake(), new LocalFileIO()))
                    .as(written)
                    .isInstanceOfSatisfying(
                            CrawlRefused.class, e -> assertThat(e.code()).isEqualTo(CatalogError.CRAWL_LOCATION));
        }
    }

    @Test
    void takesNoTableThatIsAnotherOnes() throws Exception {
        write("a/t/1.parquet", SALES, List.of(List.of(1L, "a")));
        crawl("raw.t");
        data = data.resolve("a/t");

        CrawlReport report = crawl("raw.t");

        assertThat(codes(report)).containsExactly("CRAWL_TABLE_TAKEN");
        assertThat(files("raw.t")).hasSize(1);
    }

    @Test
    void readsNoColumnOfAFileWhoseValuesAreInThePath() throws Exception {
        write(
                "t/year=2020/a.parquet",
                SchemaBuilder.record("r")
                        .fields()
                        .optionalLong("id")
                        .optionalString("year")
                        .endRecord(),
                List.of(List.of(1L, "other")));

        crawl(null);

        assertThat(rows("raw.t", "id", "year")).containsExactly("1|2020");
        assertThat(new TreeSet<>(table("raw.t").schema().columns().stream()
                        .map(Types.NestedField::name)
                        .toList()))
                .containsExactly("id", "year");
    }
}
