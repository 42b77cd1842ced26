package io.levada.catalog.crawl;

import java.util.concurrent.atomic.AtomicLong;

/// How far a crawl is. Safe for use by several threads.
final class Progress {
    private final AtomicLong found = new AtomicLong();
    private final AtomicLong inspected = new AtomicLong();
    private final AtomicLong registered = new AtomicLong();
    private volatile String table = "";

    /// @param found Parquet files
    /// @param inspected those whose footer was read, or that were known before
    /// @param registered those that a table names since this crawl
    /// @param table that is worked on
    record State(long found, long inspected, long registered, String table) {}

    void found(long files) {
        found.set(files);
    }

    void begins(String name) {
        table = name;
    }

    void inspected(long files) {
        inspected.addAndGet(files);
    }

    void registered(long files) {
        registered.addAndGet(files);
    }

    State state() {
        return new State(found.get(), inspected.get(), registered.get(), table);
    }
}
