package io.levada.catalog.lineage;

/// Which way lineage is followed.
enum Direction {
    /// To what a table comes from.
    UP,
    /// To what follows from it.
    DOWN,
    BOTH
}
