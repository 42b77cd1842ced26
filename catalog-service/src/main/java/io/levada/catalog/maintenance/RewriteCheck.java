package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import org.apache.iceberg.DataFile;

/// Compares a new file with what it replaces, by what their footers say.
final class RewriteCheck {
    private RewriteCheck() {}

    /// @throws MaintenanceException where the counts of rows differ
    static void requireSameRows(String table, RewriteGroup group, DataFile written) {
        if (written.recordCount() != group.rows()) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_MISMATCH,
                    "%d files of %s have %d rows, the file %s written from them has %d"
                            .formatted(
                                    group.files().size(),
                                    table,
                                    group.rows(),
                                    written.location(),
                                    written.recordCount()),
                    null);
        }
    }
}
