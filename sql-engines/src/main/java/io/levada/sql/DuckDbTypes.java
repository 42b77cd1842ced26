package io.levada.sql;

import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// DuckDB's names of Iceberg's types.
public final class DuckDbTypes {
    private DuckDbTypes() {}

    /// @throws IllegalArgumentException for a type that DuckDB can not read
    public static String of(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> "BOOLEAN";
            case INTEGER -> "INTEGER";
            case LONG -> "BIGINT";
            case FLOAT -> "FLOAT";
            case DOUBLE -> "DOUBLE";
            case DATE -> "DATE";
            case TIME -> "TIME";
            case TIMESTAMP -> ((Types.TimestampType) type).shouldAdjustToUTC() ? "TIMESTAMPTZ" : "TIMESTAMP";
            case STRING -> "VARCHAR";
            case UUID -> "UUID";
            case FIXED, BINARY -> "BLOB";
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield "DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")";
            }
            case LIST -> of(((Types.ListType) type).elementType()) + "[]";
            case MAP -> {
                Types.MapType map = (Types.MapType) type;
                yield "MAP(" + of(map.keyType()) + ", " + of(map.valueType()) + ")";
            }
            case STRUCT ->
                type.asStructType().fields().stream()
                        .map(field -> LakeSession.quoted(field.name()) + " " + of(field.type()))
                        .collect(Collectors.joining(", ", "STRUCT(", ")"));
            default -> throw new IllegalArgumentException("DuckDB has no type for Iceberg's " + type);
        };
    }
}
