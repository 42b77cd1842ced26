package io.levada.testing;

import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.ParquetFileWriter;
import io.levada.lake.WrittenFiles;
import io.levada.lake.storage.LakeFileIO;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;

/// A lake in a folder, with an Iceberg catalog of its own. SQLite's driver must be on the class path.
public final class LocalLake implements AutoCloseable {
    private final Path root;
    private final JdbcCatalog catalog = new JdbcCatalog();

    public LocalLake(Path root) throws Exception {
        this(root, root.toString(), Map.of());
    }

    /// A lake whose files are in a bucket; its catalog is in a folder.
    ///
    /// @param location such as `s3://bucket/prefix`
    /// @param storage properties of Iceberg's file IO
    public LocalLake(Path root, String location, Map<String, String> storage) throws Exception {
        this.root = Files.createDirectories(root);
        Map<String, String> properties = new HashMap<>(storage);
        properties.put(CatalogProperties.URI, "jdbc:sqlite:" + root.resolve("catalog.db"));
        properties.put("jdbc.schema-version", "V1");
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, location);
        properties.put(CatalogProperties.FILE_IO_IMPL, LakeFileIO.class.getName());
        catalog.initialize("levada", properties);
    }

    public Path root() {
        return root;
    }

    public Table create(String name, Schema schema) {
        Namespace namespace = LakeCatalog.identifier(name).namespace();
        if (!catalog.namespaceExists(namespace)) {
            catalog.createNamespace(namespace);
        }
        return catalog.createTable(LakeCatalog.identifier(name), schema);
    }

    /// Appends rows, each with the values of its columns in their order.
    public void append(String name, List<List<?>> rows) {
        Table table = load(name).orElseThrow();
        AppendFiles append = table.newAppend().set("levada.complete-to.shop", "1 2026-01-01T00:00:00Z 0/1A");
        append.appendFile(WrittenFiles.toDataFile(write(table, rows), table.spec()));
        append.commit();
    }

    /// Replaces all rows.
    public void replace(String name, List<List<?>> rows) {
        Table table = load(name).orElseThrow();
        OverwriteFiles overwrite = table.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
        if (!rows.isEmpty()) {
            overwrite.addFile(WrittenFiles.toDataFile(write(table, rows), table.spec()));
        }
        overwrite.commit();
    }

    private static WrittenFile write(Table table, List<List<?>> rows) {
        String location = table.location() + "/data/" + LakeLayout.newRunId() + ".parquet";
        try (ParquetFileWriter writer = ParquetFileWriter.create(table, location, "")) {
            for (List<?> row : rows) {
                GenericRecord record = writer.newRow();
                for (int i = 0; i < row.size(); i++) {
                    record.set(i, row.get(i));
                }
                writer.write(record);
            }
            return writer.finish();
        }
    }

    /// `namespace.name` of all tables, sorted.
    public List<String> tables() {
        return catalog.listNamespaces().stream()
                .flatMap(namespace -> catalog.listTables(namespace).stream().map(id -> namespace + "." + id.name()))
                .sorted()
                .toList();
    }

    /// The table's newest state; empty where there is no such table.
    public Optional<Table> load(String table) {
        try {
            return Optional.of(catalog.loadTable(LakeCatalog.identifier(table)));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        catalog.close();
    }
}
