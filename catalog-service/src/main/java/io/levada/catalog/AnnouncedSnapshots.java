package io.levada.catalog;

import java.util.Optional;

/// Knows how far a table's snapshots are announced. Safe for use by several threads.
@FunctionalInterface
public interface AnnouncedSnapshots {
    /// The snapshot that was announced last; empty where none was, or where that is not known yet.
    Optional<Long> last(String table);
}
