package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.List;

/// A file below the crawled location.
///
/// @param location as the table names it
/// @param relative its path from the crawled location, `/` between parts
record FoundFile(String location, String relative, long bytes) {
    /// The folders from the crawled location to the file.
    List<String> folders() {
        List<String> parts = new ArrayList<>(List.of(relative.split("/")));
        parts.removeLast();
        return parts;
    }

    String name() {
        return relative.substring(relative.lastIndexOf('/') + 1);
    }
}
