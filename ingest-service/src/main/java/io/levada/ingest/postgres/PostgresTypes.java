package io.levada.ingest.postgres;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// How PostgreSQL's types stand in the lake. Nothing is lossy: a type with no exact counterpart is text as PostgreSQL
/// writes it, in the text forms of [PostgresServer#fixTextForms].
final class PostgresTypes {
    private static final int MAX_PRECISION = 38;
    private static final int MONEY_PRECISION = 19;

    private PostgresTypes() {}

    /// @param typeName `pg_type.typname` of the base type
    /// @param modifier `atttypmod`, or -1
    static Type lakeType(String typeName, int modifier) {
        return switch (typeName) {
            case "bool" -> Types.BooleanType.get();
            case "int2", "int4" -> Types.IntegerType.get();
            case "int8", "oid" -> Types.LongType.get();
            case "float4" -> Types.FloatType.get();
            case "float8" -> Types.DoubleType.get();
            case "numeric" -> numeric(modifier);
            case "money" -> Types.DecimalType.of(MONEY_PRECISION, 2);
            case "date" -> Types.DateType.get();
            case "time" -> Types.TimeType.get();
            case "timestamp" -> Types.TimestampType.withoutZone();
            case "timestamptz" -> Types.TimestampType.withZone();
            case "uuid" -> Types.UUIDType.get();
            case "bytea" -> Types.BinaryType.get();
            default -> Types.StringType.get();
        };
    }

    /// Arrays are lists where their elements have a type of their own in the lake, or are text; arrays of other types
    /// are the text of the whole array.
    ///
    /// @param elementType `pg_type.typtype` of the element: `e` for an enum
    static Type arrayType(String elementName, String elementType, int modifier) {
        boolean list = switch (elementName) {
            case "bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "uuid", "date" -> true;
            default -> elementType.equals("e");
        };
        return list ? Types.ListType.ofOptional(0, lakeType(elementName, modifier)) : Types.StringType.get();
    }

    private static Type numeric(int modifier) {
        if (modifier < 0) {
            return Types.StringType.get();
        }
        int precision = ((modifier - 4) >> 16) & 0xffff;
        int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
        return precision <= MAX_PRECISION && scale >= 0 && scale <= precision
                ? Types.DecimalType.of(precision, scale)
                : Types.StringType.get();
    }
}
