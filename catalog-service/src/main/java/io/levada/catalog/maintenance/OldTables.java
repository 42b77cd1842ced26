package io.levada.catalog.maintenance;

import io.levada.lake.LakeCatalog;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.catalog.Catalog;

/// Gives tables that were made without them the settings that bound their old metadata files.
final class OldTables {
    private static final Map<String, String> SETTINGS = Map.of(
            TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
            "true",
            TableProperties.METADATA_PREVIOUS_VERSIONS_MAX,
            "20");

    private OldTables() {}

    /// Sets what is not set; what somebody has set stays.
    ///
    /// @return whether anything was missing
    static boolean bound(Catalog catalog, String name) {
        BaseTable table = (BaseTable) catalog.loadTable(LakeCatalog.identifier(name));
        if (table.properties().containsKey(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED)) {
            return false;
        }
        UpdateProperties update = table.updateProperties();
        SETTINGS.forEach((key, value) -> {
            if (!table.properties().containsKey(key)) {
                update.set(key, value);
            }
        });
        update.commit();
        return true;
    }
}
