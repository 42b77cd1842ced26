package io.levada.catalog.crawl;

import io.levada.catalog.CatalogError;

/// A crawl that can not begin, or can not register anything.
final class CrawlRefused extends RuntimeException {
    @java.io.Serial
    private static final long serialVersionUID = 1;

    private final CatalogError code;

    CrawlRefused(CatalogError code, String detail) {
        super(detail);
        this.code = code;
    }

    CatalogError code() {
        return code;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
