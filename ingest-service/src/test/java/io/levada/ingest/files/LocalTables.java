package io.levada.ingest.files;

import io.levada.lake.LakeCatalog;
import io.levada.lake.LocalFileIO;
import io.levada.lake.SchemaEvolution;
import io.levada.lake.TableSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/// Tables whose metadata lies in memory, and whose files on disk or in memory too.
public final class LocalTables implements Tables {
    private final InMemoryCatalog catalog = new InMemoryCatalog();
    private final FileIO files;

    /// Tables with their files on disk.
    public LocalTables() {
        this(new LocalFileIO());
    }

    /// @param files where the files of tables lie
    LocalTables(FileIO files) {
        this.files = files;
        catalog.initialize("test", new HashMap<>());
    }

    /// Tables with their files in memory.
    static LocalTables inMemory() {
        return new LocalTables(new InMemoryFileIO());
    }

    @Override
    public synchronized Optional<Table> load(String table) {
        TableIdentifier id = LakeCatalog.identifier(table);
        return catalog.tableExists(id) ? Optional.of(withFiles(catalog.loadTable(id))) : Optional.empty();
    }

    @Override
    public synchronized Table createOrEvolve(TableSpec spec) {
        TableIdentifier id = LakeCatalog.identifier(spec.name());
        if (!catalog.namespaceExists(id.namespace())) {
            catalog.createNamespace(id.namespace(), Map.of());
        }
        if (!catalog.tableExists(id)) {
            PartitionSpec.Builder partition = PartitionSpec.builderFor(spec.schema());
            spec.partitionBy().forEach(partition::identity);
            catalog.buildTable(id, spec.schema())
                    .withPartitionSpec(partition.build())
                    .withLocation(spec.location())
                    .withProperty("write.parquet.compression-codec", "zstd")
                    .withProperties(spec.properties())
                    .create();
        } else {
            SchemaEvolution.follow(catalog.loadTable(id), spec.schema());
        }
        return withFiles(catalog.loadTable(id));
    }

    private Table withFiles(Table table) {
        TableOperations operations = ((BaseTable) table).operations();
        return new BaseTable(new FileOperations(operations, files), table.name());
    }

    private record FileOperations(TableOperations operations, FileIO io) implements TableOperations {
        @Override
        public TableMetadata current() {
            return operations.current();
        }

        @Override
        public TableMetadata refresh() {
            return operations.refresh();
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            operations.commit(base, metadata);
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return operations.metadataFileLocation(fileName);
        }

        @Override
        public LocationProvider locationProvider() {
            return operations.locationProvider();
        }
    }
}
