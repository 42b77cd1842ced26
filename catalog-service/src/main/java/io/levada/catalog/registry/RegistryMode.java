package io.levada.catalog.registry;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What may be done to a subject.
enum RegistryMode {
    /// Everything but to choose ids.
    READWRITE,
    /// Nothing is changed.
    READONLY,
    /// Schemas come in with ids and versions of another registry, and compatibility is not asked.
    IMPORT;

    static RegistryMode parse(@Nullable String name) {
        String upper = String.valueOf(name).toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(mode -> mode.name().equals(upper))
                .findFirst()
                .orElseThrow(() -> RegistryFailure.invalidMode(String.valueOf(name)));
    }
}
