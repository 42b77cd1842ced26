package io.levada.catalog.registry;

import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
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

    /// Why this schema can not read what the other one wrote; empty where it can.
    List<String> obstaclesToReading(AvroSchema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(parsed, writer.parsed())
                .getResult()
                .getIncompatibilities()
                .stream()
                .map(problem -> problem.getType() + " at " + problem.getLocation() + ": " + problem.getMessage())
                .toList();
    }
}
