package io.levada.events;

import java.util.Arrays;
import java.util.Locale;

/// A layer of the lake, which is also the namespace of its tables.
public enum Layer {
    /// Append-only history of every change.
    RAW,
    /// Mirrors: the current rows of each source table.
    STAGE,
    /// SQL models.
    CURATED,
    /// What the warehouse tiered out.
    ARCHIVE;

    public String namespace() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether a table's namespace is one of the layers. Engines may keep namespaces of their own beside them.
    ///
    /// @param table `namespace.name`
    public static boolean holds(String table) {
        return Arrays.stream(values()).anyMatch(layer -> table.startsWith(layer.namespace() + "."));
    }

    /// The layer of a table named `namespace.name`.
    ///
    /// @throws IllegalArgumentException where the namespace is none of the layers
    public static Layer of(String table) {
        int dot = table.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("Table '" + table + "' has no namespace: expected layer.name");
        }
        return valueOf(table.substring(0, dot).toUpperCase(Locale.ROOT));
    }
}
