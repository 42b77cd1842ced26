package io.levada.catalog.crawl;

import java.util.List;

/// Files that are one table.
///
/// @param table `raw.<name>`
/// @param root the folder that they lie below
/// @param files in the order of their paths
record DataSet(String table, String root, List<FoundFile> files) {
    DataSet {
        files = List.copyOf(files);
    }
}
