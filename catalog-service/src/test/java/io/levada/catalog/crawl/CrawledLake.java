package io.levada.catalog.crawl;

import io.levada.catalog.CatalogDatabase;
import io.levada.catalog.CommitSteps;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.storage.BucketAccess;
import io.levada.lake.storage.LakeFileIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
import org.apache.iceberg.util.PartitionUtil;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.jspecify.annotations.Nullable;

/// A lake of its own, and Parquet files that are crawled.
final class CrawledLake implements AutoCloseable {
    static final Schema SALES = SchemaBuilder.record("sales")
            .fields()
            .optionalLong("id")
            .optionalString("product")
            .endRecord();

    private final Path data;
    private final String lake;
    private final LakeFileIO buckets = new LakeFileIO();
    private final JdbcCatalog catalog;
    final List<String> announced = new ArrayList<>();
    CommitSteps steps = (_, _) -> {};
    volatile Progress progress = new Progress();

    /// A lake in a folder.
    ///
    /// @param directory for all of it; the files that are crawled lie in [#data()]
    CrawledLake(Path directory) throws IOException {
        this(directory, directory.toRealPath().resolve("lake").toString(), BucketAccess.DEFAULT);
    }

    CrawledLake(Path directory, String lake, BucketAccess access) throws IOException {
        Path own = directory.toRealPath();
        this.data = Files.createDirectories(own.resolve("data"));
        this.lake = lake;
        Map<String, String> storage = CatalogDatabase.storage(own.resolve("own"), lake, access);
        buckets.initialize(storage);
        this.catalog = CatalogDatabase.open(own.resolve("own"), storage);
    }

    Path data() {
        return data;
    }

    String location() {
        return lake;
    }

    JdbcCatalog catalog() {
        return catalog;
    }

    LakeFileIO buckets() {
        return buckets;
    }

    CrawlReport crawl() {
        return crawl(data.toString(), null);
    }

    CrawlReport crawl(String location, @Nullable String table) {
        progress = new Progress();
        return new Crawl(
                        catalog,
                        new LakeLayout(lake),
                        steps,
                        announced::add,
                        CrawlLocation.of(location, lake, buckets),
                        table,
                        progress)
                .run();
    }

    /// Crawls that are begun by somebody else.
    Crawls crawls() {
        return new Crawls(catalog, lake, buckets, steps, announced::add);
    }

    Path write(String path, List<?>... rows) throws IOException {
        return write(path, SALES, List.of(rows));
    }

    Path write(String path, Schema schema, List<List<?>> rows) throws IOException {
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

    Table table(String name) {
        return catalog.loadTable(LakeCatalog.identifier(name));
    }

    boolean has(String table) {
        return catalog.tableExists(LakeCatalog.identifier(table));
    }

    List<DataFile> files(String name) throws IOException {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                table(name).newScan().includeColumnStats().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        }
        return files;
    }

    /// Read by Iceberg with the table's name mapping, as engines do.
    List<String> rows(String name, String... columns) throws IOException {
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

    static List<String> codes(CrawlReport report) {
        return report.problems().stream().map(CrawlReport.Problem::code).toList();
    }

    static List<String> paths(CrawlReport report) {
        return report.problems().stream().map(CrawlReport.Problem::path).toList();
    }

    @Override
    public void close() {
        catalog.close();
        buckets.close();
    }
}
