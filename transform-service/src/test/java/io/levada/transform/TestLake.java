package io.levada.transform;

import io.levada.events.FilesWritten;
import io.levada.events.TableInput;
import io.levada.events.TableProperties;
import io.levada.events.WrittenFile;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.LocalFileIO;
import io.levada.lake.TableSpec;
import io.levada.lake.WrittenFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;

/// A lake whose catalog is a database of its own and whose files are real, with a committer of its own.
public final class TestLake implements LakeTables {
    private final JdbcCatalog catalog;
    private final LakeLayout layout;

    private TestLake(JdbcCatalog catalog, LakeLayout layout) {
        this.catalog = catalog;
        this.layout = layout;
    }

    public static TestLake in(Path directory) {
        JdbcCatalog catalog = new JdbcCatalog();
        catalog.initialize(
                "test",
                Map.of(
                        CatalogProperties.URI,
                        "jdbc:sqlite:" + directory.resolve("catalog.db"),
                        "jdbc.schema-version",
                        "V1",
                        CatalogProperties.FILE_IO_IMPL,
                        LocalFileIO.class.getName(),
                        CatalogProperties.WAREHOUSE_LOCATION,
                        directory.resolve("lake").toString()));
        for (String namespace : List.of("raw", "stage", "curated")) {
            catalog.createNamespace(Namespace.of(namespace));
        }
        return new TestLake(catalog, new LakeLayout(directory.resolve("lake").toString()));
    }

    public LakeLayout layout() {
        return layout;
    }

    @Override
    public Optional<Table> load(String name) {
        try {
            return Optional.of(catalog.loadTable(LakeCatalog.identifier(name)));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    @Override
    public Table create(TableSpec spec) {
        PartitionSpec.Builder partition = PartitionSpec.builderFor(spec.schema());
        spec.partitionBy().forEach(partition::identity);
        return load(spec.name())
                .orElseGet(() -> catalog.buildTable(LakeCatalog.identifier(spec.name()), spec.schema())
                        .withPartitionSpec(partition.build())
                        .withLocation(spec.location())
                        .withProperties(spec.properties())
                        .withProperty("format-version", "2")
                        .create());
    }

    public void drop(String name) {
        catalog.dropTable(LakeCatalog.identifier(name), false);
    }

    /// Replaces the rows of a table.
    public void overwrite(String name, List<WrittenFile> files) {
        commit(name, files, true, Map.of(), "test");
    }

    /// Adds rows and sets properties.
    public void append(String name, List<WrittenFile> files, Map<String, String> properties) {
        commit(name, files, false, properties, "test");
    }

    /// Commits a derived result as the committer would.
    public void commit(FilesWritten event) {
        Map<String, String> properties = new HashMap<>();
        for (TableInput input : event.inputs()) {
            properties.put(TableProperties.INPUT + input.table(), Long.toString(input.to()));
        }
        commit(event.table(), event.files(), true, properties, event.id());
    }

    private void commit(
            String name, List<WrittenFile> files, boolean replace, Map<String, String> properties, String eventId) {
        Table table = load(name).orElseThrow();
        Transaction transaction = table.newTransaction();
        List<DataFile> data = files.stream()
                .map(file -> WrittenFiles.toDataFile(file, table.spec()))
                .toList();
        if (replace) {
            OverwriteFiles overwrite = transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
            data.forEach(overwrite::addFile);
            named(overwrite, eventId).commit();
        } else if (!data.isEmpty()) {
            AppendFiles append = transaction.newAppend();
            data.forEach(append::appendFile);
            named(append, eventId).commit();
        }
        UpdateProperties update = transaction.updateProperties();
        properties.forEach(update::set);
        update.commit();
        transaction.commitTransaction();
    }

    private static <T> SnapshotUpdate<T> named(SnapshotUpdate<T> update, String eventId) {
        update.set(TableProperties.SUMMARY_EVENTS, eventId);
        return update;
    }
}
