package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.catalog.CommitStep;
import io.levada.catalog.CommitSteps;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/// One commit that makes files a part of a table where they lie: all of them, or none. It goes through only on the
/// snapshot whose files they were compared with.
final class Registration {
    private static final String CAUSE = "CRAWL";

    private final Catalog catalog;
    private final CommitSteps steps;
    private final Progress progress;
    private final String name;
    private final String location;
    private final Problems problems = new Problems();
    private long files;
    private long rows;
    private long bytes;

    /// @param location of the table's own metadata
    Registration(Catalog catalog, CommitSteps steps, Progress progress, String name, String location) {
        this.catalog = catalog;
        this.steps = steps;
        this.progress = progress;
        this.name = name;
        this.location = location;
    }

    /// @param partitions the keys, and all files that fit; those of `sound` are registered
    /// @throws RuntimeException of Iceberg's; the outcome is then to be read from the table
    void run(
            InPlaceTable before,
            String root,
            MergedColumns columns,
            Partitions partitions,
            List<FoundFile> sound,
            Footers footers) {
        Schema wanted = schema(columns, partitions);
        Transaction transaction =
                before.table() == null ? create(root, wanted, partitions.keys()) : evolve(before.table(), wanted);
        NameMapping mapping = map(transaction, columns);
        List<ManifestFile> manifests = describe(transaction, mapping, sound, footers);
        if (manifests.isEmpty()) {
            return;
        }
        AppendFiles append = transaction
                .newAppend()
                .set(TableProperties.SUMMARY_CAUSE, CAUSE)
                .validateWith(unmoved(before));
        manifests.forEach(append::appendManifest);
        append.commit();
        steps.reached(CommitStep.BEFORE_COMMIT, name);
        transaction.commitTransaction();
        steps.reached(CommitStep.AFTER_COMMIT, name);
        progress.registered(files);
    }

    private static SnapshotAncestryValidator unmoved(InPlaceTable before) {
        return new SnapshotAncestryValidator() {
            @Override
            public boolean validate(Iterable<Snapshot> ancestors) {
                return before.isBaseOf(ancestors);
            }

            @Override
            public String errorMessage() {
                return "The table moved on while its files were looked at";
            }
        };
    }

    private static Schema schema(MergedColumns columns, Partitions partitions) {
        List<Types.NestedField> fields = new ArrayList<>(columns.schema().columns());
        int id = columns.schema().highestFieldId();
        for (Types.NestedField field : partitions.columns()) {
            fields.add(Types.NestedField.optional(++id, field.name(), field.type()));
        }
        return new Schema(fields);
    }

    private Transaction create(String root, Schema schema, List<String> keys) {
        TableIdentifier id = LakeCatalog.identifier(name);
        PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
        keys.forEach(spec::identity);
        return catalog.buildTable(id, schema)
                .withPartitionSpec(spec.build())
                .withLocation(location)
                .withProperties(Map.of(
                        org.apache.iceberg.TableProperties.FORMAT_VERSION,
                        "2",
                        org.apache.iceberg.TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
                        "true",
                        org.apache.iceberg.TableProperties.METADATA_PREVIOUS_VERSIONS_MAX,
                        "20",
                        TableProperties.DATA_FILES,
                        TableProperties.IN_PLACE,
                        TableProperties.CRAWL_LOCATION,
                        root))
                .createTransaction();
    }

    private static Transaction evolve(Table table, Schema wanted) {
        Transaction transaction = table.newTransaction();
        transaction.updateSchema().unionByNameWith(wanted).commit();
        return transaction;
    }

    private static NameMapping map(Transaction transaction, MergedColumns columns) {
        Table table = transaction.table();
        NameMapping mapping =
                NameMappings.of(table.schema(), partitionColumns(table.spec()), columns, table.properties());
        transaction
                .updateProperties()
                .set(org.apache.iceberg.TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(mapping))
                .commit();
        return mapping;
    }

    private static Set<Integer> partitionColumns(PartitionSpec spec) {
        return spec.fields().stream().map(PartitionField::sourceId).collect(Collectors.toSet());
    }

    private List<ManifestFile> describe(
            Transaction transaction, NameMapping mapping, List<FoundFile> sound, Footers footers) {
        Table table = transaction.table();
        MetricsConfig metrics = MetricsConfig.forTable(table);
        try (Manifests manifests = new Manifests(((HasTableOperations) table).operations(), table.spec())) {
            footers.forEach(sound, (file, read) -> {
                switch (read) {
                    case Footers.Read.Unreadable(CrawlProblem problem) -> problems.add(problem);
                    case Footers.Read.Foreign(CrawlProblem problem) -> problems.add(problem);
                    case Footers.Read.Sound(ParquetMetadata footer)
                    when !idsAgree(footer.getFileMetaData().getSchema(), table) ->
                        problems.add(new CrawlProblem(
                                CatalogError.CRAWL_FIELD_IDS,
                                file.location(),
                                "It has field ids of its own, which are not those of " + name));
                    case Footers.Read.Sound(ParquetMetadata footer) ->
                        manifests.add(described(file, footer, table, metrics, mapping));
                }
            });
            return manifests.written();
        }
    }

    private DataFile described(
            FoundFile file, ParquetMetadata footer, Table table, MetricsConfig metrics, NameMapping mapping) {
        DataFile described = DataFiles.builder(table.spec())
                .withPath(file.location())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(file.bytes())
                .withMetrics(ParquetUtil.footerMetrics(footer, Stream.empty(), metrics, mapping))
                .withSplitOffsets(ParquetUtil.getSplitOffsets(footer))
                .withPartition(Partitions.values(file, table.spec()))
                .build();
        files++;
        rows += described.recordCount();
        bytes += file.bytes();
        progress.described(1);
        return described;
    }

    /// Iceberg goes by the ids of a file that has any, whatever the table's names say.
    private static boolean idsAgree(MessageType type, Table table) {
        if (!ParquetSchemaUtil.hasIds(type)) {
            return true;
        }
        Set<Integer> partitions = partitionColumns(table.spec());
        return type.getFields().stream().allMatch(field -> {
            Types.NestedField column = table.schema().caseInsensitiveFindField(field.getName());
            return column != null
                    && (partitions.contains(column.fieldId())
                            || field.getId() != null && field.getId().intValue() == column.fieldId());
        });
    }

    /// What was left out after all.
    Problems problems() {
        return problems;
    }

    long files() {
        return files;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }
}
