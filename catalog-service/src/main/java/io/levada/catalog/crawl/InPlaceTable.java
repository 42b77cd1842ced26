package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import io.levada.events.TableProperties;
import io.levada.lake.LakeCatalog;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;

/// A table of files that lie elsewhere, as it is before a commit.
///
/// @param table null where it is not there yet
/// @param base the snapshot that files are compared with, or null
record InPlaceTable(@Nullable Table table, @Nullable Long base) {
    /// @throws CrawlRefused where there is a table of that name which is not of these files
    static InPlaceTable load(Catalog catalog, String name, String root) {
        Optional<Table> table = table(catalog, name);
        if (table.isEmpty()) {
            return new InPlaceTable(null, null);
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
        return new InPlaceTable(table.get(), snapshot == null ? null : snapshot.snapshotId());
    }

    private static Optional<Table> table(Catalog catalog, String name) {
        try {
            return Optional.of(catalog.loadTable(LakeCatalog.identifier(name)));
        } catch (NoSuchTableException _) {
            return Optional.empty();
        }
    }

    /// Whether a commit on these ancestors is one on the state that was looked at.
    boolean isBaseOf(Iterable<Snapshot> ancestors) {
        Iterator<Snapshot> newest = ancestors.iterator();
        return newest.hasNext() ? base != null && newest.next().snapshotId() == base : base == null;
    }
}
