package io.levada.catalog.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.avro.SchemaCompatibility;
import org.jspecify.annotations.Nullable;

/// What a new version of a subject must be able to do with the data of earlier ones, by Avro's rules of schema
/// resolution.
enum CompatibilityLevel {
    /// Nothing.
    NONE(false, false, false),
    /// Read what the latest version wrote.
    BACKWARD(true, false, false),
    /// Read what any version wrote.
    BACKWARD_TRANSITIVE(true, false, true),
    /// Be read by the latest version.
    FORWARD(false, true, false),
    /// Be read by every version.
    FORWARD_TRANSITIVE(false, true, true),
    /// Both with the latest version.
    FULL(true, true, false),
    /// Both with every version.
    FULL_TRANSITIVE(true, true, true);

    private final boolean backward;
    private final boolean forward;
    private final boolean transitive;

    CompatibilityLevel(boolean backward, boolean forward, boolean transitive) {
        this.backward = backward;
        this.forward = forward;
        this.transitive = transitive;
    }

    static CompatibilityLevel parse(@Nullable String name) {
        String upper = String.valueOf(name).toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(level -> level.name().equals(upper))
                .findFirst()
                .orElseThrow(() -> RegistryFailure.invalidLevel(
                        String.valueOf(name),
                        Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "))));
    }

    /// Those of a subject's versions that the level asks about.
    ///
    /// @param versions oldest first
    List<RegisteredSchema> asked(List<RegisteredSchema> versions) {
        if (this == NONE || versions.isEmpty()) {
            return List.of();
        }
        return transitive ? versions : List.of(versions.getLast());
    }

    /// Why a schema does not fit to an earlier version; empty where it does.
    List<String> obstacles(AvroSchema schema, RegisteredSchema version) {
        AvroSchema earlier = AvroSchema.parse(version.schema());
        List<String> obstacles = new ArrayList<>();
        if (backward) {
            obstacles.addAll(obstacles(
                    schema, earlier, "The new schema can not read what version " + version.version() + " wrote: "));
        }
        if (forward) {
            obstacles.addAll(obstacles(
                    earlier, schema, "Version " + version.version() + " can not read what the new schema writes: "));
        }
        return obstacles;
    }

    private static List<String> obstacles(AvroSchema reader, AvroSchema writer, String what) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader.parsed(), writer.parsed())
                .getResult()
                .getIncompatibilities()
                .stream()
                .map(problem -> what + problem.getType() + " at " + problem.getLocation() + ": " + problem.getMessage())
                .toList();
    }
}
