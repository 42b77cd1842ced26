package io.levada.catalog.crawl;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Files that are one table.
///
/// @param table `raw.<name>`
/// @param root the folder that they lie below
/// @param files in the order of their locations
record DataSet(String table, String root, List<FoundFile> files) {
    DataSet {
        files = files.stream().sorted(Comparator.comparing(FoundFile::location)).toList();
    }

    /// Where a file of this location stands among them.
    Optional<Integer> find(String location) {
        int index = Collections.binarySearch(
                files, new FoundFile(location, 0, 0), Comparator.comparing(FoundFile::location));
        return index < 0 ? Optional.empty() : Optional.of(index);
    }
}
