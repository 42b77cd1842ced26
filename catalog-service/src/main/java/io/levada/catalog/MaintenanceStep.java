package io.levada.catalog;

/// The steps of maintenance at which a crash has its own consequence.
public enum MaintenanceStep {
    /// New files are written and synced; the table names none of them.
    FILES_REWRITTEN,
    /// The table names the new files instead of the old ones.
    REWRITE_COMMITTED,
    /// Manifests of the table are rewritten.
    MANIFESTS_COMMITTED,
    /// Snapshots are chosen; the table has them still.
    BEFORE_EXPIRY,
    /// The table has lost its old snapshots; their files are there still.
    EXPIRY_COMMITTED,
    /// A file that nobody names is about to be deleted.
    BEFORE_DELETE
}
