package io.levada.catalog.registry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The body of a request that brings a schema. What this registry does not keep is refused, not dropped.
///
/// @param id in mode IMPORT: the id that the schema is to have
/// @param version the version that it is to become
record NewSchema(
        @Nullable String schema,
        @Nullable String schemaType,
        @Nullable List<Object> references,
        @Nullable Integer id,
        @Nullable Integer version,
        @Nullable Map<String, Object> metadata,
        @Nullable Map<String, Object> ruleSet) {
    /// @param normalize whether properties are sorted first
    AvroSchema parse(boolean normalize) {
        if (schemaType != null && !schemaType.equals("AVRO")) {
            throw RegistryFailure.invalidSchema("this registry holds AVRO, not " + schemaType);
        }
        if (references != null && !references.isEmpty()) {
            throw RegistryFailure.invalidSchema(
                    "this registry knows no references between schemas; write the referenced types into the schema");
        }
        if (metadata != null && !metadata.isEmpty()) {
            throw RegistryFailure.invalidSchema("this registry keeps no metadata of data contracts");
        }
        if (ruleSet != null && !ruleSet.isEmpty()) {
            throw RegistryFailure.noRules();
        }
        AvroSchema parsed = AvroSchema.parse(schema);
        return normalize ? parsed.normalized() : parsed;
    }

    /// The id that is asked for, 0 for none; clients send -1 for none too.
    int givenId() {
        return id == null || id < 0 ? 0 : id;
    }

    /// The version that is asked for, 0 for none.
    int givenVersion() {
        return version == null || version < 0 ? 0 : version;
    }
}
