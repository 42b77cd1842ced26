package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.List;

/// A file below the crawled location. There is one of these for every file, so that it holds one text only.
///
/// @param location as the table names it
/// @param below where its path from the crawled location begins in it
record FoundFile(String location, int below, long bytes) {
    /// Its path from the crawled location, `/` between parts.
    String relative() {
        return location.substring(below);
    }

    /// The folders from the crawled location to the file.
    List<String> folders() {
        List<String> parts = new ArrayList<>(List.of(relative().split("/")));
        parts.removeLast();
        return parts;
    }

    String name() {
        return location.substring(Math.max(below, location.lastIndexOf('/') + 1));
    }

    /// Whether its name says that it is Parquet; without an extension only its end does.
    boolean isNamedParquet() {
        return Found.formatByName(name()).isPresent();
    }
}
