package io.levada.catalog.maintenance;

import io.levada.catalog.CatalogError;
import org.apache.iceberg.DataFile;

/// Compares a new file with what it replaces, by what their footers say.
final class RewriteCheck {
    private RewriteCheck() {}

    /// @param rows how many the new file is to have
    /// @throws MaintenanceException where it has not
    static void requireRows(String table, RewriteGroup group, long rows, DataFile written) {
        if (written.recordCount() != rows) {
            throw new MaintenanceException(
                    CatalogError.REWRITE_MISMATCH,
                    "%d files of %s have %d rows to keep, the file %s written from them has %d"
                            .formatted(group.files().size(), table, rows, written.location(), written.recordCount()),
                    null);
        }
    }
}
