package io.levada.catalog.crawl;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.MappedField;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;

/// How engines find a table's columns in files without field ids: by every spelling of their names that the files have.
/// Columns whose values are in the paths are not looked for.
final class NameMappings {
    private NameMappings() {}

    /// @param properties of the table; names that it maps already stay
    static NameMapping of(
            Schema schema, Set<Integer> partitionColumns, MergedColumns columns, Map<String, String> properties) {
        String before = properties.get(TableProperties.DEFAULT_NAME_MAPPING);
        NameMapping known = before == null ? NameMapping.empty() : NameMappingParser.fromJson(before);
        List<MappedField> fields = new ArrayList<>();
        for (MappedField field : MappingUtil.create(schema).asMappedFields().fields()) {
            if (!partitionColumns.contains(field.id())) {
                Set<String> names = new LinkedHashSet<>(columns.spellings(schema.findColumnName(field.id())));
                MappedField earlier = known.find(field.id());
                names.addAll(earlier == null ? field.names() : earlier.names());
                fields.add(MappedField.of(field.id(), names, field.nestedMapping()));
            }
        }
        return NameMapping.of(fields);
    }
}
