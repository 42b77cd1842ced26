package io.levada.lake;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/// Tables on a local folder, without a catalog: files can be written for them, nothing can be committed.
public final class TestTables {
    private final Path directory;

    public TestTables(Path directory) {
        this.directory = directory;
    }

    public Table create(String name, Schema schema, List<String> partitionBy) {
        PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
        partitionBy.forEach(spec::identity);
        TableMetadata metadata = TableMetadata.newTableMetadata(
                schema, spec.build(), directory.resolve("raw/" + name).toString(), Map.of());
        return new BaseTable(new StaticTableOperations(metadata, new LocalFileIO()), name);
    }
}
