package io.levada.sql;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// A schema's field ids as DuckDB's `COPY ... (FIELD_IDS ...)` takes them.
public final class FieldIds {
    private FieldIds() {}

    public static String of(Schema schema) {
        return fields(schema.columns());
    }

    private static String fields(List<Types.NestedField> fields) {
        return fields.stream()
                .map(field -> entry(LakeSession.literal(field.name()), field.fieldId(), field.type()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String entry(String name, int id, Type type) {
        String children = switch (type.typeId()) {
            case LIST -> {
                Types.ListType list = type.asListType();
                yield entry("element", list.elementId(), list.elementType());
            }
            case MAP -> {
                Types.MapType map = type.asMapType();
                yield entry("key", map.keyId(), map.keyType()) + ", " + entry("value", map.valueId(), map.valueType());
            }
            case STRUCT -> {
                String inner = fields(type.asStructType().fields());
                yield inner.substring(1, inner.length() - 1);
            }
            default -> "";
        };
        return children.isEmpty() ? name + ": " + id : name + ": {__duckdb_field_id: " + id + ", " + children + "}";
    }
}
