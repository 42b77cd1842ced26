package io.levada.catalog.commit;

import io.levada.catalog.CatalogError;
import org.jspecify.annotations.Nullable;

/// How far the offered events of one table are settled: committed, recognised as repeats, or refused.
///
/// @param settled how many of them, from the first
/// @param obstacle what keeps the next one from being settled, or null where all are
record Progress(int settled, @Nullable Obstacle obstacle) {
    /// @param code why
    /// @param reason for people
    record Obstacle(CatalogError code, String reason) {}
}
