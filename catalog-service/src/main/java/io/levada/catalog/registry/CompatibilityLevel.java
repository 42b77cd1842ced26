package io.levada.catalog.registry;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a new version of a subject must be able to do.
enum CompatibilityLevel {
    /// Nothing.
    NONE,
    /// Read what the latest version wrote.
    BACKWARD;

    static CompatibilityLevel parse(@Nullable String name) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow(() -> RegistryFailure.invalidLevel(String.valueOf(name)));
    }
}
