package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;

/// Which files of a data set its table names already, and what has become of them. The table's files go by one at a
/// time, and one bit for each file that was found is held.
final class KnownFiles {
    private final DataSet set;
    private final BitSet registered;
    private final Problems problems = new Problems();

    private KnownFiles(DataSet set) {
        this.set = set;
        this.registered = new BitSet(set.files().size());
    }

    static KnownFiles of(InPlaceTable before, DataSet set) {
        KnownFiles known = new KnownFiles(set);
        Table table = before.table();
        Long base = before.base();
        if (table == null || base == null) {
            return known;
        }
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(base).planFiles()) {
            tasks.forEach(task -> known.compare(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException("The files of " + set.table() + " can not be listed", e);
        }
        return known;
    }

    private void compare(DataFile file) {
        String location = file.location();
        Optional<Integer> index = set.find(location);
        if (index.isEmpty()) {
            if (location.startsWith(set.root() + "/")) {
                problem(CatalogError.CRAWL_FILE_GONE, location, "It is registered, and not there any more");
            }
            return;
        }
        registered.set(index.get());
        long bytes = set.files().get(index.get()).bytes();
        if (bytes != file.fileSizeInBytes()) {
            problem(
                    CatalogError.CRAWL_FILE_CHANGED,
                    location,
                    "It has " + bytes + " bytes, and had " + file.fileSizeInBytes() + " when it was registered");
        }
    }

    private void problem(CatalogError code, String location, String detail) {
        problems.add(new CrawlProblem(code, location, detail));
    }

    /// Those that the table does not name, in their order.
    List<FoundFile> fresh() {
        List<FoundFile> fresh = new ArrayList<>();
        for (int i = registered.nextClearBit(0); i < set.files().size(); i = registered.nextClearBit(i + 1)) {
            fresh.add(set.files().get(i));
        }
        return fresh;
    }

    long count() {
        return registered.cardinality();
    }

    /// Files of the table that are not as they were.
    Problems problems() {
        return problems;
    }
}
