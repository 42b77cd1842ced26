package io.levada.catalog;

/// Asked to announce a table's new snapshots, soon and on a thread of its own.
@FunctionalInterface
public interface SnapshotAnnouncer {
    void announce(String table);
}
