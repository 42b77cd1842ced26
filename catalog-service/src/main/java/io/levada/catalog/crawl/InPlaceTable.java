package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/// A table of files that lie elsewhere, as it is before a commit.
///
/// @param table null where it is not there yet
/// @param base the snapshot that `files` are of, or null
/// @param files bytes by location
record InPlaceTable(@Nullable Table table, @Nullable Long base, Map<String, Long> files) {
    /// @throws CrawlRefused where there is a table of that name which is not of these files
    static InPlaceTable load(Catalog catalog, String name, String root) {
        Optional<Table> table = table(catalog, name);
        if (table.isEmpty()) {
            return new InPlaceTable(null, null, Map.of());
        }
        Map<String, String> properties = table.get().properties();
        if (!TableProperties.IN_PLACE.equals(properties.get(TableProperties.DATA_FILES))
                || !root.equals(properties.get(TableProperties.CRAWL_LOCATION))) {
            String other = properties.get(TableProperties.CRAWL_LOCATION);
            throw new CrawlRefused(
                    CatalogError.CRAWL_TABLE_TAKEN,
                    "There is a table " + name + " already, "
                            + (other == null ? "whose files are the lake's own" : "of the files below " + other)
                            + "; it is not one of the files below " + root);
        }
        Snapshot snapshot = table.get().currentSnapshot();
        return snapshot == null
                ? new InPlaceTable(table.get(), null, Map.of())
                : new InPlaceTable(table.get(), snapshot.snapshotId(), files(table.get(), snapshot));
    }

    private static Optional<Table> table(Catalog catalog, String name) {
        try {
            return Optional.of(catalog.loadTable(LakeCatalog.identifier(name)));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    private static Map<String, Long> files(Table table, Snapshot snapshot) {
        Map<String, Long> files = new HashMap<>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(snapshot.snapshotId()).planFiles()) {
            tasks.forEach(task -> files.put(task.file().location(), task.file().fileSizeInBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + table.name() + " can not be listed", e);
        }
        return files;
    }

    /// Whether a commit on these ancestors is one on the state that was looked at.
    boolean isBaseOf(Iterable<Snapshot> ancestors) {
        Iterator<Snapshot> newest = ancestors.iterator();
        return newest.hasNext() ? base != null && newest.next().snapshotId() == base : base == null;
    }
}
