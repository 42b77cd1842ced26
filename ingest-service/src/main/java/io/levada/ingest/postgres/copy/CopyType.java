package io.levada.ingest.postgres.copy;

import java.util.Optional;
import org.apache.iceberg.types.Type;

/// The types that COPY's binary format is read of as it comes.
enum CopyType {
    BOOL,
    INT2,
    INT4,
    INT8,
    OID,
    FLOAT4,
    FLOAT8,
    NUMERIC,
    DATE,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    /// The field's bytes are the value, as UTF-8 or as they are.
    BYTES,
    /// As `BYTES`, after a version number of one byte.
    JSONB,
    /// An array of one of the others.
    ARRAY,
    /// Text as PostgreSQL writes the value.
    PARSED,
    /// The same, of which something else is written.
    RULED;

    /// @param postgresType as in [CopyColumn#of]
    /// @return empty where the binary form is not known, or is not that of the lake's type
    static Optional<CopyType> of(String postgresType, Type type) {
        if (type.typeId() == Type.TypeID.STRING) {
            return switch (postgresType) {
                case "text", "varchar", "bpchar", "name", "json" -> Optional.of(BYTES);
                case "jsonb" -> Optional.of(JSONB);
                default -> Optional.empty();
            };
        }
        if (postgresType.endsWith("[]") && type.isListType()) {
            Type element = type.asListType().elementType();
            return of(postgresType.substring(0, postgresType.length() - 2), element)
                    .filter(_ -> !element.isNestedType())
                    .map(_ -> ARRAY);
        }
        return Optional.ofNullable(
                switch (postgresType) {
                    case "bool" -> BOOL;
                    case "int2" -> INT2;
                    case "int4" -> INT4;
                    case "int8" -> INT8;
                    case "oid" -> OID;
                    case "float4" -> FLOAT4;
                    case "float8" -> FLOAT8;
                    case "numeric", "money" -> type.typeId() == Type.TypeID.DECIMAL ? NUMERIC : null;
                    case "date" -> DATE;
                    case "time" -> TIME;
                    case "timestamp" -> TIMESTAMP;
                    case "timestamptz" -> TIMESTAMPTZ;
                    case "uuid" -> UUID;
                    case "bytea" -> BYTES;
                    default -> null;
                });
    }
}
