package io.levada.lake;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;

/// Tables on a local folder, with a catalog in memory.
final class TestTables {
    private final InMemoryCatalog catalog = new InMemoryCatalog();

    TestTables(Path directory) {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, directory.toString());
        properties.put(CatalogProperties.FILE_IO_IMPL, LocalFileIO.class.getName());
        catalog.initialize("test", properties);
        catalog.createNamespace(Namespace.of("raw"));
    }

    Table create(String name, Schema schema, List<String> partitionBy) {
        PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
        partitionBy.forEach(spec::identity);
        return catalog.buildTable(TableIdentifier.of("raw", name), schema)
                .withPartitionSpec(spec.build())
                .create();
    }
}
