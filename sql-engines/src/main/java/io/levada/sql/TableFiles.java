package io.levada.sql;

import io.levada.events.TableProperties;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tells the files of a table that its writers made, which have its field ids, from those that it only names where they
/// lie.
public final class TableFiles {
    private static final String NAME_MAPPING = "schema.name-mapping.default";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private TableFiles() {}

    /// @param schema to read with: the table's, or that of a snapshot
    /// @param files of one snapshot
    public static ParquetTable of(String name, Table table, Schema schema, List<String> files) {
        Map<String, String> properties = table.properties();
        String root = properties.get(TableProperties.CRAWL_LOCATION);
        if (root == null || !TableProperties.IN_PLACE.equals(properties.get(TableProperties.DATA_FILES))) {
            return new ParquetTable(name, schema, files);
        }
        List<String> own = new ArrayList<>();
        List<String> inPlace = new ArrayList<>();
        files.forEach(file -> (file.startsWith(root + "/") ? inPlace : own).add(file));
        return new ParquetTable(
                name, schema, own, new InPlaceFiles(root, inPlace, partitions(table, schema), names(table, schema)));
    }

    /// A partition's own name stays where its column gets another.
    private static Map<String, String> partitions(Table table, Schema schema) {
        Map<String, String> keys = new HashMap<>();
        for (PartitionSpec spec : table.specs().values()) {
            for (PartitionField field : spec.fields()) {
                Types.NestedField column = schema.findField(field.sourceId());
                if (column != null && field.transform().isIdentity()) {
                    keys.put(column.name(), field.name());
                }
            }
        }
        return keys;
    }

    /// What Iceberg's name mapping says: an array of `field-id` and `names`.
    private static Map<String, List<String>> names(Table table, Schema schema) {
        Map<String, List<String>> names = new HashMap<>();
        String mapping = table.properties().get(NAME_MAPPING);
        if (mapping != null) {
            for (JsonNode field : JSON.readTree(mapping)) {
                Types.NestedField column =
                        schema.asStruct().field(field.path("field-id").asInt(-1));
                List<String> known = new ArrayList<>();
                field.path("names").forEach(name -> known.add(name.asString("")));
                if (column != null && !known.isEmpty()) {
                    names.put(column.name(), known);
                }
            }
        }
        return names;
    }
}
