package io.levada.catalog.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/// A schema as the registry compares it: parsed, then written without white space, with everything that it says kept.
/// Avro's parsing canonical form is no identity here, as it drops defaults and logical types.
record AvroSchema(Schema parsed, String canonical) {
    static AvroSchema parse(@Nullable String text) {
        if (text == null || text.isBlank()) {
            throw RegistryFailure.invalidSchema("it is empty");
        }
        try {
            Schema schema = new Schema.Parser().parse(text);
            return new AvroSchema(schema, schema.toString());
        } catch (AvroRuntimeException e) {
            throw RegistryFailure.invalidSchema(String.valueOf(e.getMessage()));
        }
    }

    /// The same schema in its normal form: two that differ only in the order of properties or in how they write
    /// names become one.
    AvroSchema normalized() {
        return new AvroSchema(parsed, NormalizedSchema.of(parsed));
    }

    /// A digest of the canonical text, which tells it from all others.
    String fingerprint() {
        return fingerprint(canonical);
    }

    static String fingerprint(String canonical) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
