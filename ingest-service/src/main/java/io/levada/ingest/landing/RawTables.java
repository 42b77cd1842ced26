package io.levada.ingest.landing;

import io.levada.definition.OnSchemaChange;
import io.levada.events.RawColumns;
import io.levada.events.TableProperties;
import io.levada.ingest.IngestError;
import io.levada.ingest.quarantine.QuarantineWriter;
import io.levada.lake.LakeCatalog;
import io.levada.lake.LakeLayout;
import io.levada.lake.RawSchema;
import io.levada.lake.SchemaEvolution;
import io.levada.lake.TableSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types;
import tools.jackson.databind.json.JsonMapper;

/// The raw tables of database sources, made or evolved at catalog-service before a file is written for them.
public final class RawTables {
    private final LakeCatalog catalog;
    private final LakeLayout layout;

    public RawTables(LakeCatalog catalog, LakeLayout layout) {
        this.catalog = catalog;
        this.layout = layout;
    }

    /// The file IO of a table.
    ///
    /// @param table `namespace.name`
    /// @throws IllegalStateException where there is no such table
    public FileIO io(String table) {
        return catalog.load(table)
                .orElseThrow(() -> new IllegalStateException("There is no table " + table))
                .io();
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

    /// Where changes with these columns go, by the policy of their table.
    RawTarget target(LandedTable landed, List<RawSchema.Column> columns, List<String> key) {
        Optional<Table> existing = catalog.load(landed.rawTable());
        if (existing.isPresent() && landed.onSchemaChange() != OnSchemaChange.EVOLVE) {
            return unevolved(landed, existing.get(), columns);
        }
        Map<String, String> renamed = existing.map(
                        table -> renamed(table.schema().asStruct(), columns))
                .orElse(Map.of());
        try {
            Table table = table(
                    landed.source(),
                    landed.lakeName(),
                    columns.stream()
                            .map(column -> new RawSchema.Column(
                                    renamed.getOrDefault(column.name(), column.name()), column.type()))
                            .toList(),
                    key.stream().map(name -> renamed.getOrDefault(name, name)).toList());
            return new RawTarget.Ready(table, renamed);
        } catch (IllegalArgumentException e) {
            return new RawTarget.Refused(
                    table(landed), IngestError.LANDING_SCHEMA_CHANGED, String.valueOf(e.getMessage()));
        }
    }

    /// Columns of earlier changes, whose type has become another one since: their values belong where the table
    /// has put what it held of that type.
    static Map<String, String> renamed(Types.StructType table, List<RawSchema.Column> columns) {
        Types.StructType source = RawSchema.ofChanges(columns, List.of()).asStruct();
        Map<String, String> renamed = new HashMap<>();
        for (RawSchema.Column column : columns) {
            Types.NestedField current = table.field(column.name());
            if (current != null && !SchemaEvolution.holds(current.type(), column.type())) {
                SchemaEvolution.retired(table, source, column.name(), column.type())
                        .ifPresent(retired -> renamed.put(column.name(), retired.name()));
            }
        }
        return renamed;
    }

    /// Where changes with these columns go, when the table stays as it is.
    static RawTarget unevolved(LandedTable landed, Table table, List<RawSchema.Column> columns) {
        for (RawSchema.Column column : columns) {
            Types.NestedField field = table.schema().findField(column.name());
            String change = null;
            if (field == null) {
                change = landed.onSchemaChange() == OnSchemaChange.QUARANTINE ? " is new" : null;
            } else if (!SchemaEvolution.holds(field.type(), column.type())) {
                change = " is " + column.type() + " now";
            }
            if (change != null) {
                return new RawTarget.Refused(
                        table,
                        IngestError.LANDING_SCHEMA_CHANGED,
                        "Column " + column.name() + change + ", and " + landed.rawTable()
                                + " does not change: on-schema-change is "
                                + landed.onSchemaChange().name().toLowerCase(Locale.ROOT));
            }
        }
        return new RawTarget.Ready(table, Map.of());
    }

    /// The raw table with these columns, as its source has them now.
    ///
    /// @param lakeName the table's name in the lake without the source
    /// @throws IllegalArgumentException where two columns would differ in upper and lower case only
    public Table table(String source, String lakeName, List<RawSchema.Column> columns, List<String> key) {
        Map<String, String> properties = new HashMap<>();
        properties.put(TableProperties.SOURCE, source);
        if (!key.isEmpty()) {
            properties.put(TableProperties.KEY, JsonMapper.shared().writeValueAsString(key));
        }
        return catalog.createOrFollow(new TableSpec(
                "raw." + source + "_" + lakeName,
                RawSchema.ofChanges(columns, key),
                List.of(RawColumns.INGESTION_DATE),
                layout.rawTable(source, lakeName),
                properties));
    }
}
