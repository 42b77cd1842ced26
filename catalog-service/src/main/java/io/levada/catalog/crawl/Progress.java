package io.levada.catalog.crawl;

import java.util.concurrent.atomic.AtomicLong;

/// How far a crawl is. One thread tells it, and any may ask.
final class Progress {
    private final AtomicLong found = new AtomicLong();
    private final AtomicLong inspected = new AtomicLong();
    private final AtomicLong described = new AtomicLong();
    private final AtomicLong registered = new AtomicLong();
    private volatile String table = "";
    private long inspectedBefore;
    private long describedBefore;

    /// @param found Parquet files; grows while the location is listed
    /// @param inspected those whose footer was read, or that were known before
    /// @param described those that are in a manifest, for a commit to come
    /// @param registered those that a table names since this crawl
    /// @param table that is worked on; empty while the location is listed
    record State(long found, long inspected, long described, long registered, String table) {}

    void found(long files) {
        found.addAndGet(files);
    }

    void begins(String name) {
        table = name;
        inspectedBefore = inspected.get();
        describedBefore = described.get();
    }

    /// The table's files are looked at once more.
    void beginsAgain() {
        inspected.set(inspectedBefore);
        described.set(describedBefore);
    }

    void inspected(long files) {
        inspected.addAndGet(files);
    }

    void described(long files) {
        described.addAndGet(files);
    }

    void registered(long files) {
        registered.addAndGet(files);
    }

    State state() {
        return new State(found.get(), inspected.get(), described.get(), registered.get(), table);
    }
}
