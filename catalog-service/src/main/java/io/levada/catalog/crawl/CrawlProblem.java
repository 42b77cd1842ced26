package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;

/// What stands against a file, a data set or a whole crawl.
///
/// @param path of the file or folder
/// @param detail what is wrong with it
record CrawlProblem(CatalogError code, String path, String detail) {
    String nextStep() {
        return code.nextStep();
    }
}
