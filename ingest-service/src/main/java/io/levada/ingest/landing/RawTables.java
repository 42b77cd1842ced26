package io.levada.ingest.landing;

import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.TableSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import tools.jackson.databind.json.JsonMapper;

/// The raw tables of database sources, made or evolved at catalog-service before a file is written for them.
public final class RawTables {
    private final LakeCatalog catalog;
    private final LakeLayout layout;

    public RawTables(LakeCatalog catalog, LakeLayout layout) {
        this.catalog = catalog;
        this.layout = layout;
    }

    /// A writer of bad rows.
    public QuarantineWriter quarantine() {
        return new QuarantineWriter(catalog::createOrEvolve, layout);
    }

    /// The raw table as it is, for a record that does not say its columns.
    ///
    /// @throws IllegalStateException where the table's load has not made it yet: ask again
    public Table table(LandedTable landed) {
        return catalog.load(landed.rawTable())
                .orElseThrow(() -> new IllegalStateException("There is no table " + landed.rawTable() + " yet"));
    }

    /// The raw table with at least these columns.
    ///
    /// @param lakeName the table's name in the lake without the source
    /// @throws IllegalArgumentException where a column changed to a type that the table's can not be promoted to
    public Table table(String source, String lakeName, List<RawSchema.Column> columns, List<String> key) {
        Map<String, String> properties = new HashMap<>();
        properties.put(TableProperties.SOURCE, source);
        if (!key.isEmpty()) {
            properties.put(TableProperties.KEY, JsonMapper.shared().writeValueAsString(key));
        }
        return catalog.createOrEvolve(new TableSpec(
                "raw." + source + "_" + lakeName,
                RawSchema.ofChanges(columns, key),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source, lakeName),
                properties));
    }
}
