package io.levada.ingest.capture;

import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// How PostgreSQL's types stand in the lake. Nothing is lossy: a type with no exact counterpart is text as PostgreSQL
/// writes
/// it, and a type that is written differently by the log and by COPY is not supported yet.
final class PostgresTypes {
    private static final int MAX_PRECISION = 38;
    private static final int MONEY_PRECISION = 19;

    private PostgresTypes() {}

    /// @param typeName `pg_type.typname` of the base type
    /// @param typeType `pg_type.typtype`: `e` enum, `b` base, `r` range, `c` composite
    /// @param modifier `atttypmod`, or -1
    /// @return empty where the type is not supported
    static Optional<Type> lakeType(String typeName, String typeType, int modifier) {
        return switch (typeName) {
            case "bool" -> Optional.of(Types.BooleanType.get());
            case "int2", "int4" -> Optional.of(Types.IntegerType.get());
            case "int8", "oid" -> Optional.of(Types.LongType.get());
            case "float4" -> Optional.of(Types.FloatType.get());
            case "float8" -> Optional.of(Types.DoubleType.get());
            case "numeric" -> Optional.of(numeric(modifier));
            case "money" -> Optional.of(Types.DecimalType.of(MONEY_PRECISION, 2));
            case "date" -> Optional.of(Types.DateType.get());
            case "time" -> Optional.of(Types.TimeType.get());
            case "timestamp" -> Optional.of(Types.TimestampType.withoutZone());
            case "timestamptz" -> Optional.of(Types.TimestampType.withZone());
            case "uuid" -> Optional.of(Types.UUIDType.get());
            case "bytea" -> Optional.of(Types.BinaryType.get());
            case "text",
                    "varchar",
                    "bpchar",
                    "char",
                    "name",
                    "citext",
                    "xml",
                    "json",
                    "jsonb",
                    "inet",
                    "cidr",
                    "macaddr",
                    "macaddr8",
                    "ltree",
                    "tsvector",
                    "int4range",
                    "int8range",
                    "numrange",
                    "tsrange",
                    "tstzrange",
                    "daterange" -> Optional.of(Types.StringType.get());
            default -> typeType.equals("e") ? Optional.of(Types.StringType.get()) : Optional.empty();
        };
    }

    /// Whether arrays of the element type are written alike by the log and by COPY.
    static boolean arraySupported(String elementName, String elementType) {
        return switch (elementName) {
            case "bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "uuid", "date" -> true;
            default -> elementType.equals("e");
        };
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
